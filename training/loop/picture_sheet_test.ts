import { deepStrictEqual as equal } from "node:assert/strict";
import { pictureSheet } from "./picture_sheet.ts";

const flat = (level: number) => ({ width: 8, height: 8, levels: new Uint8Array(3 * 64).fill(level) });

Deno.test("pictureSheet() puts I0, blend, prediction, truth, flow and visibility of a sample into one row", () => {
  const sample = { first: flat(10), blend: flat(20), made: flat(30), truth: flat(40) };
  const flow = Float32Array.from({ length: 2 * 64 }, (_, i) => i % 2 ? 0 : 3),
    visibility = new Float32Array(64).fill(0.2);
  const { width, height, levels } = pictureSheet([sample, { ...sample, flow, visibility }]);
  equal([width, height], [6 * 12 - 4, 2 * 12 - 4]);
  const pixel = (x: number, y: number) => [...levels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  equal([0, 12, 24, 36].map((x) => pixel(x, 0)[0]), [10, 20, 30, 40]);
  equal(pixel(8, 0), [255, 255, 255]);
  equal(pixel(48, 0), [255, 255, 255]);
  equal(pixel(48, 12)[0]! > pixel(48, 12)[2]!, true);
  equal(pixel(60, 12), [51, 51, 51]);
});
