import { ok, strictEqual as equal } from "node:assert/strict";
import { motionBetween } from "./motion.ts";
import type { RgbImage } from "./rgb_image.ts";

/** A texture of 320×200, moved to the right by `x`, below a still band of `still` rows. */
function pan(x: number, still = 0, noise = 0): RgbImage {
  const width = 320, height = 200;
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const p = Math.floor(i / 3), v = Math.floor(p / width), u = p % width - (v < still ? 0 : x);
    const wave = Math.sin(u / 9 + 2 * Math.sin(v / 13)) + Math.sin(v / 11 + u / 23) + Math.sin(u / 41 - v / 17);
    return 128 + 35 * wave + noise * Math.sin(12.9898 * i);
  });
  return { width, height, pixels };
}

Deno.test("motionBetween() measures motion within a block of the small image", () => {
  for (const x of [0, 6, 20, 36]) {
    const found = motionBetween(pan(0), pan(x));
    ok(Math.abs(found - x) <= 2, `${found} for ${x}`);
  }
});

Deno.test("motionBetween() ignores noise, and a few moving blocks", () => {
  equal(motionBetween(pan(0), pan(0, 0, 8)), 0);
  equal(motionBetween(pan(0), pan(20, 192)), 0);
  ok(motionBetween(pan(0), pan(20, 100)) >= 16);
});

Deno.test("motionBetween() finds none in frames without texture", () => {
  const flat = { width: 40, height: 11, pixels: new Uint8Array(3 * 40 * 11).fill(7) };
  equal(motionBetween(flat, flat), 0);
});
