import assert from "node:assert/strict";
import type { Frame, Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { hash, HEIGHT, picture, scenery, sequence, shot, stream, WIDTH } from "./_testing.ts";
import { annotateCuts, type CutOptions } from "./scenes.ts";

async function found(images: Iterable<Image>, options?: CutOptions): Promise<number[]> {
  const places: number[] = [];
  for await (const frame of annotateCuts(stream(images), options)) {
    assert.equal(typeof frame.facts.cut, "boolean");
    if (frame.facts.cut) places.push(Number(frame.pts));
  }
  return places;
}

Deno.test("annotateCuts() finds a cut, a dark one, one at either end and one between two frames alone", async () => {
  assert.deepEqual(await found(sequence(12, (i) => shot(i < 6 ? 1 : 2, i))), [6]);
  assert.deepEqual(await found(sequence(12, (i) => shot(i < 6 ? 1 : 2, i, 64))), [6]);
  assert.deepEqual(await found(sequence(5, (i) => shot(i < 1 ? 1 : 2, i))), [1]);
  assert.deepEqual(await found(sequence(5, (i) => shot(i < 4 ? 1 : 2, i))), [4]);
  assert.deepEqual(await found([shot(2, 0), shot(1, 0)]), [1]);
  assert.deepEqual(await found([shot(1, 0), shot(1, 61)]), []);
});

Deno.test("annotateCuts() finds cuts to a flat picture and from it", async () => {
  assert.deepEqual(await found(sequence(15, (i) => i >= 5 && i < 10 ? picture(() => 200) : shot(1, i))), [
    5,
    10,
  ]);
});

Deno.test("annotateCuts() finds cuts between colors of one brightness, and takes no fade or flash of them for one", async () => {
  const card = (red: number, green: number, blue: number): Image => {
    const { planes: [plane], ...image } = picture(() => 0);
    const planes = [red, green, blue].map((level) => new Uint8Array(plane!.length).fill(level));
    return { ...image, format: { ...image.format, model: "rgb" }, planes };
  };
  const [red, blue] = [[200, 60, 60], [40, 104, 255]] as const;
  const mix = (t: number) => card(...red.map((x, i) => Math.round(x + t * (blue[i]! - x))) as [number, number, number]);
  assert.deepEqual(await found(sequence(10, (i) => mix(i < 5 ? 0 : 1))), [5]);
  assert.deepEqual(await found(sequence(14, (i) => mix(Math.min(1, Math.max(0, (i - 2) / 10))))), []);
  assert.deepEqual(await found(sequence(10, (i) => mix(i === 5 ? 1 : 0))), []);
  const yuv = (u: number, v: number): Image => {
    const { planes: [plane], ...image } = picture(() => 100), size = plane!.length / 4;
    const planes = [plane!, new Uint8Array(size).fill(u), new Uint8Array(size).fill(v)];
    return { ...image, format: { model: "yuv", depth: 8, chroma: [2, 2], alpha: false }, planes };
  };
  assert.deepEqual(await found(sequence(10, (i) => i < 5 ? yuv(90, 200) : yuv(200, 90))), [5]);
});

Deno.test("annotateCuts() finds two cuts one frame apart", async () => {
  assert.deepEqual(await found(sequence(12, (i) => shot(i < 6 ? 1 : i < 7 ? 2 : 3, i))), [6, 7]);
});

Deno.test("annotateCuts() finds a cut in pictures of 10 bit and in RGB as in gray", async () => {
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
    assert.deepEqual(await found(sequence(8, (i) => change(shot(i < 4 ? 1 : 2, i)))), [4]);
  }
});

Deno.test("annotateCuts() takes no fade for a cut, through another picture or through black", async () => {
  const mix = (i: number) => Math.min(1, Math.max(0, (i - 3) / 11));
  const fade = sequence(
    18,
    (i) => picture((x, y) => 255 * ((1 - mix(i)) * scenery(x, y, 1) + mix(i) * scenery(x, y, 2))),
  );
  assert.deepEqual(await found(fade), []);
  for (const length of [3, 6, 12]) {
    const light = (i: number) => 255 * Math.min(1, Math.abs(i - 14) / length);
    assert.deepEqual(await found(sequence(28, (i) => shot(i < 14 ? 1 : 2, i, light(i)))), [], `over ${length}`);
  }
});

Deno.test("annotateCuts() takes no flash of one or two frames for a cut", async () => {
  for (const length of [1, 2]) {
    const flash = sequence(12, (i) => i >= 5 && i < 5 + length ? picture(() => 250) : shot(1, 4 * i));
    assert.deepEqual(await found(flash), []);
  }
  assert.deepEqual(await found(sequence(12, (i) => i >= 5 && i < 8 ? shot(2, i) : shot(1, i))), [5, 8]);
});

Deno.test("annotateCuts() finds a cut that a flash covers", async () => {
  for (const [one, other] of [[2, 1], [3, 1]] as const) {
    const covered = sequence(12, (i) => i === 5 ? picture(() => 255) : shot(i < 5 ? one : other, i));
    const places = await found(covered);
    assert.ok(places.includes(6), `${one} to ${other}: ${places}`);
  }
});

Deno.test("annotateCuts() takes no pan for a cut, slow, fast or faster than it can follow", async () => {
  for (const speed of [8, 24, 61]) {
    assert.deepEqual(await found(sequence(10, (i) => shot(1, speed * i))), [], `${speed} pixels a frame`);
  }
});

Deno.test("annotateCuts() takes no noise or flicker for a cut, on a flat picture either", async () => {
  const noisy = (base: (x: number, y: number) => number) =>
    sequence(8, (i) => picture((x, y) => base(x, y) + 80 * (hash(x, y, 100 + i) - 0.5)));
  assert.deepEqual(await found(noisy((x, y) => 255 * scenery(x, y, 1))), []);
  assert.deepEqual(await found(noisy(() => 128)), []);
  assert.deepEqual(await found(sequence(8, (i) => picture(() => i < 4 ? 60 : 62))), []);
});

Deno.test("annotateCuts() finds fewer cuts with a higher threshold", async () => {
  const related = sequence(
    8,
    (i) => picture((x, y) => 255 * (scenery(x, y, 1) + (i < 4 ? 0 : 0.6 * (scenery(x, y, 2) - 0.5)))),
  );
  assert.deepEqual(await found(related, { threshold: 5 }), [4]);
  assert.deepEqual(await found(related, { threshold: 60 }), []);
  assert.deepEqual(await found(sequence(8, (i) => shot(i < 4 ? 1 : 2, i)), { threshold: Infinity }), []);
});

Deno.test("annotateCuts() refuses a threshold below 0 or none", async () => {
  for (const threshold of [-1, NaN]) {
    await assert.rejects(found([shot(1, 0)], { threshold }), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, `scenes: the cut threshold must be 0 or more, got ${threshold}; the default is 20`);
      return true;
    });
  }
});

Deno.test("annotateCuts() begins a shot where the size changes", async () => {
  const small: Image = { ...shot(1, 0), width: WIDTH / 2, height: HEIGHT * 2 };
  assert.deepEqual(await found([shot(1, 0), shot(1, 0), small, small]), [2]);
});

Deno.test("annotateCuts() keeps every frame, its order and the facts it came with", async () => {
  const facts = { cut: true, duplicate: true, made: { t: 0.5 } };
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
