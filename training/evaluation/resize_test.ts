import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { psnr } from "../metrics/distance.ts";
import type { RgbImage } from "../metrics/rgb_image.ts";
import { fittingSize, resizeImage } from "./resize.ts";

/** Slow waves, which images of any size can represent. */
function waves(width: number, height: number): RgbImage {
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const x = (Math.floor(i / 3) % width + 0.5) / width, y = (Math.floor(i / (3 * width)) + 0.5) / height;
    return Math.round(128 + 60 * Math.sin(6 * x + i % 3) + 60 * Math.cos(5 * y));
  });
  return { width, height, pixels };
}

Deno.test("resizeImage() keeps the position of the image at another size", () => {
  for (const [width, height] of [[48, 32], [30, 21], [96, 64], [100, 50]] as const) {
    const { pixels } = resizeImage(waves(64, 48), width, height);
    ok(psnr(pixels, waves(width, height).pixels) > 45, `${width}×${height}`);
  }
});

Deno.test("resizeImage() averages details that the smaller size cannot represent, and keeps flat images flat", () => {
  const stripes = { width: 64, height: 16, pixels: Uint8Array.from({ length: 3072 }, (_, i) => i % 6 < 3 ? 0 : 254) };
  ok(resizeImage(stripes, 16, 4).pixels.every((value) => Math.abs(value - 127) < 20));
  const flat = { width: 7, height: 5, pixels: new Uint8Array(105).fill(201) };
  ok(resizeImage(flat, 3, 9).pixels.every((value) => value === 201));
  equal(resizeImage(waves(9, 8), 9, 8), waves(9, 8));
});

Deno.test("fittingSize() limits the shorter side and makes the other side even", () => {
  equal(fittingSize(1920, 1080, 480), [854, 480]);
  equal(fittingSize(540, 960, 480), [480, 854]);
  equal(fittingSize(640, 480, 480), [640, 480]);
  equal(fittingSize(320, 240, 480), [320, 240]);
});
