import assert from "node:assert/strict";
import type { Frame, Image } from "../contracts/frame.ts";
import { hash, picture, scenery, sequence, shot, stream } from "./_testing.ts";
import { annotateDuplicates, DUPLICATE_WINDOW } from "./duplicates.ts";

async function found(images: Iterable<Image>, facts: (i: number) => Frame["facts"] = () => ({})): Promise<number[]> {
  const places: number[] = [];
  async function* frames() {
    for await (const frame of stream(images)) yield { ...frame, facts: facts(Number(frame.pts)) };
  }
  for await (const frame of annotateDuplicates(frames())) {
    assert.equal(typeof frame.facts.duplicate, "boolean");
    if (frame.facts.duplicate) places.push(Number(frame.pts));
  }
  return places;
}

/** The shot at a place, with noise of its own of up to `noise` levels either way: a repeat that was coded anew. */
const coded = (i: number, at: number, noise: number) =>
  picture((x, y) =>
    255 * scenery(x + 4 * at, y, 1) + noise * (hash(x >> 2, y >> 2, 100 + i) + hash(x, y, 200 + i) - 1)
  );

Deno.test("annotateDuplicates() finds animation on twos and threes, coded anew or to the bit", async () => {
  for (const noise of [0, 2, 6]) {
    assert.deepEqual(await found(sequence(8, (i) => coded(i, i >> 1, noise))), [1, 3, 5, 7], `noise ${noise}`);
    const threes = sequence(9, (i) => coded(i, Math.floor(i / 3), noise));
    assert.deepEqual(await found(threes), [1, 2, 4, 5, 7, 8], `noise ${noise}`);
  }
});

Deno.test("annotateDuplicates() sees what only alpha shows, and nothing that alpha hides", async () => {
  const withAlpha = (color: Image, alpha: Image): Image => ({
    ...color,
    format: { ...color.format, model: "rgb", alpha: true },
    planes: [color.planes[0]!, color.planes[0]!, color.planes[0]!, alpha.planes[0]!],
  });
  const band = (at: number) => picture((x) => Math.abs(x - 40 - 9 * at) < 20 ? 255 : 0);
  const flat = (level: number) => picture(() => level);
  const hop = (i: number) => i >> 1;
  for (const level of [0, 255]) {
    assert.deepEqual(await found(sequence(8, (i) => withAlpha(flat(level), band(hop(i))))), [1, 3, 5, 7]);
  }
  const hidden = sequence(8, (i) => withAlpha(coded(i, i, 0), flat(0)));
  assert.deepEqual(await found(hidden), []);
  const moving = (i: number) => withAlpha(coded(0, i < 4 ? 0 : i, 0), band(i));
  assert.deepEqual(await found(sequence(8, moving)), []);
});

Deno.test("annotateDuplicates() finds the fifth frame of 24 in 30, and both pictures of a stall", async () => {
  const pulldown = sequence(15, (i) => coded(i, i - Math.floor(i / 5), 2));
  assert.deepEqual(await found(pulldown), [5, 10]);
  const stall = sequence(14, (i) => coded(i, i < 5 ? i : i < 9 ? 5 : i, 2));
  assert.deepEqual(await found(stall), [6, 7, 8]);
});

Deno.test("annotateDuplicates() takes no slow pan for a repeat, even beside something fast, nor noise, nor a fade", async () => {
  for (const speed of [0.1, 0.25, 0.5, 1]) {
    assert.deepEqual(await found(sequence(8, (i) => shot(1, speed * i))), [], `${speed} pixels a frame`);
  }
  const beside = sequence(10, (i) => {
    const ball = (x: number, y: number) => i > 6 && Math.hypot(x - 60 - 20 * i, y - 90) < 25;
    return picture((x, y) => ball(x, y) ? 250 : 200 * scenery(x + 0.2 * i, y, 1));
  });
  assert.deepEqual(await found(beside), []);
  const noisy = sequence(8, (i) => picture((x, y) => 255 * scenery(x, y, 1) + 8 * (hash(x, y, 100 + i) - 0.5)));
  assert.deepEqual(await found(noisy), []);
  assert.deepEqual(await found(sequence(8, (i) => shot(1, i > 5 ? 9 * i : 0, 200 + 2 * i))), []);
});

Deno.test("annotateDuplicates() sees what is small move: a ball, lips, a cursor", async () => {
  assert.deepEqual(
    await found(sequence(6, (i) => picture((x, y) => Math.hypot(x - 40 - 6 * i, y - 90) < 8 ? 200 : 20))),
    [],
  );
  const lips = (open: number) => (x: number, y: number) => Math.abs(x - 160) < 8 && Math.abs(y - 90) < open ? 40 : 180;
  assert.deepEqual(await found(sequence(8, (i) => picture(lips(2 + i % 3)))), []);
  const cursor = sequence(6, (i) => picture((x, y) => y === 50 && x >= 9 + i && x < 11 + i ? 0 : 255));
  assert.deepEqual(await found(cursor), []);
});

Deno.test("annotateDuplicates() finds none where the movement between held pictures is too small to be missed", async () => {
  const step = (levels: number) =>
    sequence(8, (i) => picture((x, y) => 100 + (Math.hypot(x - 90, y - 90) < 20 ? levels * (i >> 1) : 0)));
  assert.deepEqual(await found(step(8)), []);
  assert.deepEqual(await found(step(20)), [1, 3, 5, 7]);
});

Deno.test("annotateDuplicates() takes what changes at a cut for no movement", async () => {
  const still = (i: number) => picture((x, y) => 255 * scenery(x, y, i < 4 ? 1 : 2) + 4 * (hash(x, y, 100 + i) - 0.5));
  assert.deepEqual(await found(sequence(8, still), (i) => i === 4 ? { cut: true } : {}), []);
});

Deno.test("annotateDuplicates() compares with the first of the held pictures: drift adds up to movement", async () => {
  const drift = sequence(12, (i) => picture((x, y) => (x + y) % 2 * 3 * i + (i === 11 && x > 200 ? 200 : 0)));
  assert.ok((await found(drift)).length < 4);
});

Deno.test("annotateDuplicates() holds a window of frames at most, and closes its source", async () => {
  let read = 0, closed = false, most = 0;
  async function* source() {
    try {
      for await (const frame of stream(sequence(60, () => shot(1, 0)))) {
        read++;
        yield frame;
      }
    } finally {
      closed = true;
    }
  }
  for await (const frame of annotateDuplicates(source())) {
    most = Math.max(most, read - Number(frame.pts));
    if (frame.pts === 40n) break;
  }
  assert.ok(most <= DUPLICATE_WINDOW + 1 && closed, `${most} frames`);
});

Deno.test("annotateDuplicates() keeps every frame, its order and the facts it came with", async () => {
  const images = sequence(5, (i) => shot(1, 9 * (i >> 1))), frames: Frame[] = [];
  for await (const frame of annotateDuplicates(stream(images, { cut: false, duplicate: true }))) frames.push(frame);
  assert.deepEqual(frames.map(({ image }) => image), images);
  assert.deepEqual(frames.map(({ facts }) => facts), images.map(() => ({ cut: false, duplicate: true })));
});
