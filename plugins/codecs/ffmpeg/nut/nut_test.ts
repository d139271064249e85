import assert from "node:assert/strict";
import { TruncatedError } from "./byte_reader.ts";
import type { NutFrame } from "./codes.ts";
import { NutReader } from "./reader.ts";
import { NutWriter } from "./writer.ts";

const HEADER = {
  num: 1001n,
  den: 48000n,
  width: 3,
  height: 2,
  sampleWidth: 4,
  sampleHeight: 3,
  fourcc: new TextEncoder().encode("444P"),
};
const TIMESTAMPS = [0n, 1n, 127n, 128n, 100_000n, 2n ** 40n];
const samples = (index: number) => Uint8Array.from({ length: 18 }, (_, i) => 200 + index + i);

async function written(): Promise<Uint8Array> {
  const bytes: number[] = [];
  const writer = new NutWriter((piece) => Promise.resolve(void bytes.push(...piece)), {
    ...HEADER,
    rate: "48000/1001",
  });
  await writer.start();
  for (const [index, pts] of TIMESTAMPS.entries()) {
    const whole = samples(index);
    await writer.frame(pts, [whole.slice(0, 6), whole.slice(6)]);
  }
  return Uint8Array.from(bytes);
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(reader: NutReader): Promise<NutFrame[]> {
  const frames = [];
  for await (const frame of reader.frames()) frames.push(frame);
  return frames;
}

Deno.test("NutReader reads timestamps and samples from chunks of any size", async () => {
  const bytes = await written();
  for (const size of [1, 2, 3, 7, 19, 64, bytes.length]) {
    const reader = new NutReader(inChunks(bytes, size));
    const frames = await readAll(reader);
    assert.deepEqual(frames.map(({ pts }) => pts), TIMESTAMPS);
    frames.forEach(({ data }, index) => assert.deepEqual(data, samples(index)));
    const { num, den, width, height, sampleWidth, sampleHeight, fourcc } = reader.stream!;
    assert.deepEqual({ num, den, width, height, sampleWidth, sampleHeight, fourcc }, HEADER);
  }
});

Deno.test("NutReader yields the complete frames, then throws if the stream ends inside one", async () => {
  const bytes = await written();
  const pts: bigint[] = [];
  await assert.rejects(async () => {
    for await (const frame of new NutReader(inChunks(bytes.subarray(0, -5), 10)).frames()) pts.push(frame.pts);
  }, TruncatedError);
  assert.deepEqual(pts, TIMESTAMPS.slice(0, -1));
});

Deno.test("NutReader yields nothing for an empty stream and throws for another format", async () => {
  assert.deepEqual(await readAll(new NutReader(inChunks(new Uint8Array(0), 1))), []);
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47]);
  await assert.rejects(readAll(new NutReader(inChunks(png, 4))), {
    name: "RangeError",
    message: /the stream is not a NUT file/,
  });
});

Deno.test("NutWriter rejects a negative timestamp", async () => {
  const writer = new NutWriter(() => Promise.resolve(), HEADER);
  await writer.start();
  await assert.rejects(writer.frame(-2n, [samples(0)]), RangeError);
});
