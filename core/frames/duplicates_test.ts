import assert from "node:assert/strict";
import type { Frame, Image } from "../contracts/frame.ts";
import { grayImage, hash, scenery, sequence, shot, stream } from "./_testing.ts";
import { annotateDuplicates, DUPLICATE_WINDOW } from "./duplicates.ts";

async function detect(images: Iterable<Image>, facts: (i: number) => Frame["facts"] = () => ({})): Promise<number[]> {
  const duplicates: number[] = [];
  async function* frames() {
    for await (const frame of stream(images)) yield { ...frame, facts: facts(Number(frame.pts)) };
  }
  for await (const frame of annotateDuplicates(frames())) {
    assert.equal(typeof frame.facts.duplicate, "boolean");
    if (frame.facts.duplicate) duplicates.push(Number(frame.pts));
  }
  return duplicates;
}

/** Returns the shot at an offset, with coding noise of up to `noise` levels that differs from frame to frame. */
const coded = (i: number, at: number, noise: number) =>
  grayImage((x, y) =>
    255 * scenery(x + 4 * at, y, 1) + noise * (hash(x >> 2, y >> 2, 100 + i) + hash(x, y, 200 + i) - 1)
  );

Deno.test("annotateDuplicates() finds animation on twos and threes, with and without coding noise", async () => {
  for (const noise of [0, 2, 6]) {
    assert.deepEqual(await detect(sequence(8, (i) => coded(i, i >> 1, noise))), [1, 3, 5, 7], `noise ${noise}`);
    const threes = sequence(9, (i) => coded(i, Math.floor(i / 3), noise));
    assert.deepEqual(await detect(threes), [1, 2, 4, 5, 7, 8], `noise ${noise}`);
  }
});

Deno.test("annotateDuplicates() considers alpha, and ignores transparent pixels", async () => {
  const withAlpha = (color: Image, alpha: Image): Image => ({
    ...color,
    format: { ...color.format, model: "rgb", alpha: true },
    planes: [color.planes[0]!, color.planes[0]!, color.planes[0]!, alpha.planes[0]!],
  });
  const band = (at: number) => grayImage((x) => Math.abs(x - 40 - 9 * at) < 20 ? 255 : 0);
  const flat = (level: number) => grayImage(() => level);
  const hop = (i: number) => i >> 1;
  for (const level of [0, 255]) {
    assert.deepEqual(await detect(sequence(8, (i) => withAlpha(flat(level), band(hop(i))))), [1, 3, 5, 7]);
  }
  const hidden = sequence(8, (i) => withAlpha(coded(i, i, 0), flat(0)));
  assert.deepEqual(await detect(hidden), []);
  const moving = (i: number) => withAlpha(coded(0, i < 4 ? 0 : i, 0), band(i));
  assert.deepEqual(await detect(sequence(8, moving)), []);
});

Deno.test("annotateDuplicates() finds one frame in five after pulldown, and all duplicates of a stall", async () => {
  const pulldown = sequence(15, (i) => coded(i, i - Math.floor(i / 5), 2));
  assert.deepEqual(await detect(pulldown), [5, 10]);
  const stall = sequence(14, (i) => coded(i, i < 5 ? i : i < 9 ? 5 : i, 2));
  assert.deepEqual(await detect(stall), [6, 7, 8]);
});

Deno.test("annotateDuplicates() ignores slow pans, even next to fast motion, noise and fades", async () => {
  for (const speed of [0.1, 0.25, 0.5, 1]) {
    assert.deepEqual(await detect(sequence(8, (i) => shot(1, speed * i))), [], `${speed} pixels a frame`);
  }
  const partly = sequence(10, (i) => {
    const ball = (x: number, y: number) => i > 6 && Math.hypot(x - 60 - 20 * i, y - 90) < 25;
    return grayImage((x, y) => ball(x, y) ? 250 : 200 * scenery(x + 0.2 * i, y, 1));
  });
  assert.deepEqual(await detect(partly), []);
  const noisy = sequence(8, (i) => grayImage((x, y) => 255 * scenery(x, y, 1) + 8 * (hash(x, y, 100 + i) - 0.5)));
  assert.deepEqual(await detect(noisy), []);
  assert.deepEqual(await detect(sequence(8, (i) => shot(1, i > 5 ? 9 * i : 0, 200 + 2 * i))), []);
});

Deno.test("annotateDuplicates() detects the motion of small objects: a ball, lips, a cursor", async () => {
  assert.deepEqual(
    await detect(sequence(6, (i) => grayImage((x, y) => Math.hypot(x - 40 - 6 * i, y - 90) < 8 ? 200 : 20))),
    [],
  );
  const lips = (open: number) => (x: number, y: number) => Math.abs(x - 160) < 8 && Math.abs(y - 90) < open ? 40 : 180;
  assert.deepEqual(await detect(sequence(8, (i) => grayImage(lips(2 + i % 3)))), []);
  const cursor = sequence(6, (i) => grayImage((x, y) => y === 50 && x >= 9 + i && x < 11 + i ? 0 : 255));
  assert.deepEqual(await detect(cursor), []);
});

Deno.test("annotateDuplicates() ignores motion that is too small to notice", async () => {
  const step = (levels: number) =>
    sequence(8, (i) => grayImage((x, y) => 100 + (Math.hypot(x - 90, y - 90) < 20 ? levels * (i >> 1) : 0)));
  assert.deepEqual(await detect(step(8)), []);
  assert.deepEqual(await detect(step(20)), [1, 3, 5, 7]);
});

Deno.test("annotateDuplicates() does not count changes at a cut as motion", async () => {
  const still = (i: number) =>
    grayImage((x, y) => 255 * scenery(x, y, i < 4 ? 1 : 2) + 4 * (hash(x, y, 100 + i) - 0.5));
  assert.deepEqual(await detect(sequence(8, still), (i) => i === 4 ? { cut: true } : {}), []);
});

Deno.test("annotateDuplicates() compares with the first frame of a run, so that drift adds up", async () => {
  const drift = sequence(12, (i) => grayImage((x, y) => (x + y) % 2 * 3 * i + (i === 11 && x > 200 ? 200 : 0)));
  assert.ok((await detect(drift)).length < 4);
});

Deno.test("annotateDuplicates() reads at most its window ahead, and closes its source", async () => {
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

Deno.test("annotateDuplicates() keeps all frames, their order and their facts", async () => {
  const images = sequence(5, (i) => shot(1, 9 * (i >> 1))), frames: Frame[] = [];
  for await (const frame of annotateDuplicates(stream(images, { cut: false, duplicate: true }))) frames.push(frame);
  assert.deepEqual(frames.map(({ image }) => image), images);
  assert.deepEqual(frames.map(({ facts }) => facts), images.map(() => ({ cut: false, duplicate: true })));
});
