import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { psnr } from "../metrics/distance.ts";
import type { Picture } from "../metrics/picture.ts";
import { fittingSize, resizePicture } from "./resize.ts";

/** Slow waves, which any size can hold. */
function waves(width: number, height: number): Picture {
  const levels = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const x = (Math.floor(i / 3) % width + 0.5) / width, y = (Math.floor(i / (3 * width)) + 0.5) / height;
    return Math.round(128 + 60 * Math.sin(6 * x + i % 3) + 60 * Math.cos(5 * y));
  });
  return { width, height, levels };
}

Deno.test("resizePicture() keeps the picture where it is at another size", () => {
  for (const [width, height] of [[48, 32], [30, 21], [96, 64], [100, 50]] as const) {
    const { levels } = resizePicture(waves(64, 48), width, height);
    ok(psnr(levels, waves(width, height).levels) > 45, `${width}×${height}`);
  }
});

Deno.test("resizePicture() means away what the smaller size cannot hold, and keeps flat pictures flat", () => {
  const stripes = { width: 64, height: 16, levels: Uint8Array.from({ length: 3072 }, (_, i) => i % 6 < 3 ? 0 : 254) };
  ok(resizePicture(stripes, 16, 4).levels.every((level) => Math.abs(level - 127) < 20));
  const flat = { width: 7, height: 5, levels: new Uint8Array(105).fill(201) };
  ok(resizePicture(flat, 3, 9).levels.every((level) => level === 201));
  equal(resizePicture(waves(9, 8), 9, 8), waves(9, 8));
});

Deno.test("fittingSize() bounds the shorter side and makes the other one even", () => {
  equal(fittingSize(1920, 1080, 480), [854, 480]);
  equal(fittingSize(540, 960, 480), [480, 854]);
  equal(fittingSize(640, 480, 480), [640, 480]);
  equal(fittingSize(320, 240, 480), [320, 240]);
});
