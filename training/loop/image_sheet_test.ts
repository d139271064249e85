import { deepStrictEqual as equal } from "node:assert/strict";
import { imageSheet } from "./image_sheet.ts";

const flat = (value: number) => ({ width: 8, height: 8, pixels: new Uint8Array(3 * 64).fill(value) });

Deno.test("imageSheet() puts I0, blend, prediction, ground truth, flow and visibility of a sample into one row", () => {
  const sample = { first: flat(10), blend: flat(20), interpolated: flat(30), groundTruth: flat(40) };
  const flow = Float32Array.from({ length: 2 * 64 }, (_, i) => i % 2 ? 0 : 3),
    visibility = new Float32Array(64).fill(0.2);
  const { width, height, pixels } = imageSheet([sample, { ...sample, flow, visibility }]);
  equal([width, height], [6 * 12 - 4, 2 * 12 - 4]);
  const pixel = (x: number, y: number) => [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  equal([0, 12, 24, 36].map((x) => pixel(x, 0)[0]), [10, 20, 30, 40]);
  equal(pixel(8, 0), [255, 255, 255]);
  equal(pixel(48, 0), [255, 255, 255]);
  equal(pixel(48, 12)[0]! > pixel(48, 12)[2]!, true);
  equal(pixel(60, 12), [51, 51, 51]);
});
