import assert from "node:assert/strict";
import type { Image } from "../contracts/frame.ts";
import { keepUnchanged, type UnchangedBlocks, unchangedBlocks } from "./unchanged.ts";

const WIDTH = 96, HEIGHT = 64;

/** A gray image with a background and squares of 10 pixels a side with their upper left corner at the given places. */
function scene(background: (x: number, y: number) => number, ...squares: [x: number, y: number][]): Image {
  const pixels = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const x = i % WIDTH, y = Math.floor(i / WIDTH);
    return squares.some(([left, top]) => x >= left && x < left + 10 && y >= top && y < top + 10)
      ? 250
      : background(x, y);
  });
  const format = { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width: WIDTH, height: HEIGHT, format, color: {}, planes: [pixels] };
}

/** A plain image of 31×31 pixels in 4:2:0. */
const tinted = (y: number, u: number): Image => ({
  ...{ width: 31, height: 31, color: {}, format: { model: "yuv", depth: 8, chroma: [2, 2], alpha: false } },
  planes: [new Uint8Array(961).fill(y), new Uint8Array(256).fill(u), new Uint8Array(256).fill(128)],
});

const stripes = (x: number) => x % 8 < 4 ? 60 : 180;
/** Returns whether the block at a pixel is kept. */
const isKept = ({ mask, columns }: UnchangedBlocks, x: number, y: number) =>
  mask[Math.floor(y / 4) * columns + Math.floor(x / 4)] === 1;

Deno.test("unchangedBlocks() keeps a pattern behind a moving object", () => {
  const blocks = unchangedBlocks(scene(stripes, [20, 27]), scene(stripes, [28, 27]))!;
  for (const [x, y] of [[60, 32], [5, 5], [90, 60]] as const) assert.ok(isKept(blocks, x, y));
  // The path of the object.
  for (let x = 21; x < 37; x++) assert.ok(!isKept(blocks, x, 32), `${x}`);
  const kept = blocks.mask.filter((one) => one === 1).length / blocks.mask.length;
  assert.ok(kept > 0.7, `${kept}`);
});

Deno.test("unchangedBlocks() leaves out what an object may cross, also from the edge of the frame", () => {
  const plain = () => 30;
  const crossed = unchangedBlocks(scene(plain, [20, 27]), scene(plain, [44, 27]))!;
  assert.deepEqual([isKept(crossed, 37, 32), isKept(crossed, 37, 5)], [false, true]);
  const entered = unchangedBlocks(scene(plain), scene(plain, [12, 27]))!;
  assert.deepEqual([isKept(entered, 5, 32), isKept(entered, 60, 32)], [false, true]);
});

Deno.test("unchangedBlocks() skips frames with few equal pixels, and compares all planes", () => {
  const noisy = (seed: number) => scene((x, y) => 100 + ((x * 31 + y * 57 + seed) * 7919) % 97);
  assert.equal(unchangedBlocks(noisy(1), noisy(2)), undefined);
  assert.ok(unchangedBlocks(tinted(90, 100), tinted(90, 101))!.mask.every((one) => one === 0));
});

Deno.test("keepUnchanged() copies the blocks of all planes, also at odd sizes", () => {
  const source = tinted(90, 100), mask = new Uint8Array(64);
  // The last block has 3×3 luma samples and 2×2 chroma samples.
  mask[63] = mask[9] = 1;
  const { planes } = keepUnchanged(tinted(7, 8), source, { mask, columns: 8, rows: 8 });
  const [y, u] = planes as [Uint8Array, Uint8Array];
  assert.deepEqual([y[30 * 31 + 30], y[28 * 31 + 28], y[27 * 31 + 27], y[4 * 31 + 4], y[0]], [90, 90, 7, 90, 7]);
  assert.deepEqual([u[15 * 16 + 15], u[13 * 16 + 13], u[2 * 16 + 2], u[0]], [100, 8, 100, 8]);
});
