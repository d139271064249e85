import assert from "node:assert/strict";
import type { Frame, Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { grayImage, hash, HEIGHT, scenery, sequence, shot, stream, WIDTH } from "./_testing.ts";
import { annotateCuts, type CutOptions } from "./scenes.ts";

async function detect(images: Iterable<Image>, options?: CutOptions): Promise<number[]> {
  const cuts: number[] = [];
  for await (const frame of annotateCuts(stream(images), options)) {
    assert.equal(typeof frame.facts.cut, "boolean");
    if (frame.facts.cut) cuts.push(Number(frame.pts));
  }
  return cuts;
}

Deno.test("annotateCuts() finds cuts between bright shots, dark shots, at either end, and in a video of two frames", async () => {
  assert.deepEqual(await detect(sequence(12, (i) => shot(i < 6 ? 1 : 2, i))), [6]);
  assert.deepEqual(await detect(sequence(12, (i) => shot(i < 6 ? 1 : 2, i, 64))), [6]);
  assert.deepEqual(await detect(sequence(5, (i) => shot(i < 1 ? 1 : 2, i))), [1]);
  assert.deepEqual(await detect(sequence(5, (i) => shot(i < 4 ? 1 : 2, i))), [4]);
  assert.deepEqual(await detect([shot(2, 0), shot(1, 0)]), [1]);
  assert.deepEqual(await detect([shot(1, 0), shot(1, 61)]), []);
});

Deno.test("annotateCuts() finds cuts to and from a flat image", async () => {
  assert.deepEqual(await detect(sequence(15, (i) => i >= 5 && i < 10 ? grayImage(() => 200) : shot(1, i))), [
    5,
    10,
  ]);
});

Deno.test("annotateCuts() finds cuts between colors of one brightness, and ignores fades and flashes of them", async () => {
  const card = (red: number, green: number, blue: number): Image => {
    const { planes: [plane], ...image } = grayImage(() => 0);
    const planes = [red, green, blue].map((level) => new Uint8Array(plane!.length).fill(level));
    return { ...image, format: { ...image.format, model: "rgb" }, planes };
  };
  const [red, blue] = [[200, 60, 60], [40, 104, 255]] as const;
  const mix = (t: number) => card(...red.map((x, i) => Math.round(x + t * (blue[i]! - x))) as [number, number, number]);
  assert.deepEqual(await detect(sequence(10, (i) => mix(i < 5 ? 0 : 1))), [5]);
  assert.deepEqual(await detect(sequence(14, (i) => mix(Math.min(1, Math.max(0, (i - 2) / 10))))), []);
  assert.deepEqual(await detect(sequence(10, (i) => mix(i === 5 ? 1 : 0))), []);
  const yuv = (u: number, v: number): Image => {
    const { planes: [plane], ...image } = grayImage(() => 100), size = plane!.length / 4;
    const planes = [plane!, new Uint8Array(size).fill(u), new Uint8Array(size).fill(v)];
    return { ...image, format: { model: "yuv", depth: 8, chroma: [2, 2], alpha: false }, planes };
  };
  assert.deepEqual(await detect(sequence(10, (i) => i < 5 ? yuv(90, 200) : yuv(200, 90))), [5]);
});

Deno.test("annotateCuts() finds two cuts one frame apart", async () => {
  assert.deepEqual(await detect(sequence(12, (i) => shot(i < 6 ? 1 : i < 7 ? 2 : 3, i))), [6, 7]);
});

Deno.test("annotateCuts() finds cuts in 10-bit and RGB video as in gray video", async () => {
  const deep = ({ planes: [plane], ...image }: Image): Image => ({
    ...image,
    format: { ...image.format, depth: 10 },
    planes: [Uint16Array.from(plane!, (level) => level * 4)],
  });
  const rgb = ({ planes: [plane], ...image }: Image): Image => ({
    ...image,
    format: { ...image.format, model: "rgb" },
    planes: [plane!, plane!, plane!],
  });
  for (const change of [deep, rgb]) {
    assert.deepEqual(await detect(sequence(8, (i) => change(shot(i < 4 ? 1 : 2, i)))), [4]);
  }
});

Deno.test("annotateCuts() ignores fades between shots and through black", async () => {
  const mix = (i: number) => Math.min(1, Math.max(0, (i - 3) / 11));
  const fade = sequence(
    18,
    (i) => grayImage((x, y) => 255 * ((1 - mix(i)) * scenery(x, y, 1) + mix(i) * scenery(x, y, 2))),
  );
  assert.deepEqual(await detect(fade), []);
  for (const length of [3, 6, 12]) {
    const light = (i: number) => 255 * Math.min(1, Math.abs(i - 14) / length);
    assert.deepEqual(await detect(sequence(28, (i) => shot(i < 14 ? 1 : 2, i, light(i)))), [], `over ${length}`);
  }
});

Deno.test("annotateCuts() ignores flashes of one or two frames", async () => {
  for (const length of [1, 2]) {
    const flash = sequence(12, (i) => i >= 5 && i < 5 + length ? grayImage(() => 250) : shot(1, 4 * i));
    assert.deepEqual(await detect(flash), []);
  }
  assert.deepEqual(await detect(sequence(12, (i) => i >= 5 && i < 8 ? shot(2, i) : shot(1, i))), [5, 8]);
});

Deno.test("annotateCuts() finds a cut during a flash", async () => {
  for (const [one, other] of [[2, 1], [3, 1]] as const) {
    const covered = sequence(12, (i) => i === 5 ? grayImage(() => 255) : shot(i < 5 ? one : other, i));
    const places = await detect(covered);
    assert.ok(places.includes(6), `${one} to ${other}: ${places}`);
  }
});

Deno.test("annotateCuts() ignores slow and fast pans, also beyond the search range", async () => {
  for (const speed of [8, 24, 61]) {
    assert.deepEqual(await detect(sequence(10, (i) => shot(1, speed * i))), [], `${speed} pixels a frame`);
  }
});

Deno.test("annotateCuts() ignores noise and flicker, also in a flat image", async () => {
  const noisy = (base: (x: number, y: number) => number) =>
    sequence(8, (i) => grayImage((x, y) => base(x, y) + 80 * (hash(x, y, 100 + i) - 0.5)));
  assert.deepEqual(await detect(noisy((x, y) => 255 * scenery(x, y, 1))), []);
  assert.deepEqual(await detect(noisy(() => 128)), []);
  assert.deepEqual(await detect(sequence(8, (i) => grayImage(() => i < 4 ? 60 : 62))), []);
});

Deno.test("annotateCuts() finds fewer cuts with a higher threshold", async () => {
  const related = sequence(
    8,
    (i) => grayImage((x, y) => 255 * (scenery(x, y, 1) + (i < 4 ? 0 : 0.6 * (scenery(x, y, 2) - 0.5)))),
  );
  assert.deepEqual(await detect(related, { threshold: 5 }), [4]);
  assert.deepEqual(await detect(related, { threshold: 60 }), []);
  assert.deepEqual(await detect(sequence(8, (i) => shot(i < 4 ? 1 : 2, i)), { threshold: Infinity }), []);
});

Deno.test("annotateCuts() refuses a threshold that is negative or NaN", async () => {
  for (const threshold of [-1, NaN]) {
    await assert.rejects(detect([shot(1, 0)], { threshold }), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, `scenes: the cut threshold must be 0 or more, got ${threshold}; the default is 20`);
      return true;
    });
  }
});

Deno.test("annotateCuts() begins a shot where the size changes", async () => {
  const small: Image = { ...shot(1, 0), width: WIDTH / 2, height: HEIGHT * 2 };
  assert.deepEqual(await detect([shot(1, 0), shot(1, 0), small, small]), [2]);
});

Deno.test("annotateCuts() keeps all frames, their order and their facts", async () => {
  const facts = { cut: true, duplicate: true, interpolated: { t: 0.5 } };
  for (const length of [0, 1, 2, 3, 5]) {
    const images = sequence(length, (i) => shot(1, i)), frames: Frame[] = [];
    for await (const frame of annotateCuts(stream(images, facts))) frames.push(frame);
    assert.deepEqual(frames.map((frame) => frame.image), images);
    assert.deepEqual(frames.map((frame) => frame.facts), images.map(() => facts));
  }
});

Deno.test("annotateCuts() reads two frames ahead and closes its source", async () => {
  let read = 0, closed = false;
  async function* source() {
    try {
      for await (const frame of stream(sequence(9, (i) => shot(1, i)))) {
        read++;
        yield frame;
      }
    } finally {
      closed = true;
    }
  }
  for await (const frame of annotateCuts(source())) {
    assert.equal(read, Number(frame.pts) + 3);
    if (frame.pts === 2n) break;
  }
  assert.ok(closed);
});
