import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { meanScores, measure } from "./measure.ts";
import type { RgbImage } from "./rgb_image.ts";
import reference from "./fixtures/scikit_image.json" with { type: "json" };

const WIDTH = 70, HEIGHT = 45;

/** The same frame as in `testing/scikit_image.py`. */
function frame(shift: number, brighter: number): RgbImage {
  const wave = (k: number) => Math.abs(k % 256 - 128);
  const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const c = i % 3, x = Math.floor(i / 3) % WIDTH + shift, y = Math.floor(i / (3 * WIDTH));
    const grain = (x * 7919 + y * 104729 + c * 1299709) % 31;
    return Math.min(255, wave(3 * x + 2 * y + 40 * c) + Math.floor(wave((x * y) >> 3) / 2) + grain + brighter);
  });
  return { width: WIDTH, height: HEIGHT, pixels };
}

const plain = (value: number, size = 11): RgbImage => ({
  width: size,
  height: size,
  pixels: new Uint8Array(3 * size * size).fill(value),
});

for (const { pair, ...wanted } of reference.pairs) {
  Deno.test(`measure() agrees with scikit-image within 1e-4 on frames ${pair.join(", ")}`, () => {
    const [shiftA, brighterA, shiftB, brighterB] = pair as [number, number, number, number];
    const found = measure(frame(shiftB, brighterB), frame(shiftA, brighterA));
    for (const key of ["psnr", "ssim", "ssimLuma", "ie"] as const) {
      ok(Math.abs(found[key] - wanted[key]) < 1e-4, `${key}: ${found[key]} is not ${wanted[key]}`);
    }
  });
}

Deno.test("measure() gives equal images infinity, and a difference of one everywhere 48.13 dB", () => {
  equal(measure(frame(0, 0), frame(0, 0)), { psnr: Infinity, ssim: 1, ssimLuma: 1, ie: 0 });
  for (const [pixels, decibels] of [[1, "48.13"], [2, "42.11"], [4, "36.09"]] as const) {
    const { psnr, ie } = measure(plain(100 + pixels), plain(100));
    equal([psnr.toFixed(2), ie], [decibels, pixels]);
  }
});

Deno.test("measure() refuses images that it cannot compare", () => {
  throws(() => measure(plain(0, 11), plain(0, 12)), /sizes must be equal, got 11×11 and 12×12/);
  throws(() => measure(plain(0, 10), plain(0, 10)), /11×11 at least, got 10×10/);
});

Deno.test("meanScores() is the mean of the images' figures", () => {
  const of = (pixels: number) => measure(plain(100 + pixels), plain(100));
  const mean = meanScores([of(1), of(2), of(4)]);
  equal([mean.psnr.toFixed(2), mean.ie], ["42.11", 7 / 3]);
  equal(meanScores([of(1), of(0)]).psnr, Infinity);
});
