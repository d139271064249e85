import { ok, strictEqual as equal, throws } from "node:assert/strict";
import { interpolationError, meanSquaredError, psnr } from "./distance.ts";
import { ssim } from "./ssim.ts";

Deno.test("meanSquaredError(), psnr() and interpolationError() by hand", () => {
  const a = Uint8Array.of(0, 10, 20), b = Uint8Array.of(0, 13, 24);
  equal(meanSquaredError(a, b), 25 / 3);
  equal(interpolationError(a, b), Math.sqrt(25 / 3));
  equal(psnr(a, b), 10 * Math.log10(255 * 255 * 3 / 25));
});

Deno.test("psnr(), ssim() and interpolationError() of [0, 1] with peak 1 are those of 8-bit pixels", () => {
  const a = Uint8Array.from({ length: 12 * 13 * 3 }, (_, i) => (i * 37) % 256);
  const b = Uint8Array.from(a, (v, i) => Math.min(255, v + i % 9));
  const unit = (x: Uint8Array) => Float64Array.from(x, (v) => v / 255), shape = { width: 12, height: 13, channels: 3 };
  ok(Math.abs(psnr(a, b) - psnr(unit(a), unit(b), 1)) < 1e-9);
  ok(Math.abs(interpolationError(a, b) - interpolationError(unit(a), unit(b), 1)) < 1e-9);
  ok(Math.abs(ssim(a, b, shape) - ssim(unit(a), unit(b), shape, 1)) < 1e-9);
});

Deno.test("meanSquaredError() and ssim() refuse values that don't fit", () => {
  throws(() => meanSquaredError(new Uint8Array(3), new Uint8Array(4)), RangeError);
  throws(() => meanSquaredError(new Uint8Array(0), new Uint8Array(0)), RangeError);
  throws(() => ssim(new Uint8Array(3), new Uint8Array(3), { width: 11, height: 11, channels: 1 }), RangeError);
});
