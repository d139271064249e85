import { deepStrictEqual as equal } from "node:assert/strict";
import { rgbToImage } from "../../core/frames/color.ts";
import { fromRgbImage, toRgbImage } from "./rgb_image.ts";

const pixels = Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => (i * 53) % 256);

Deno.test("toRgbImage() and fromRgbImage() undo each other", () => {
  const image = { width: 4, height: 3, pixels };
  equal(toRgbImage(fromRgbImage(image)), image);
});

Deno.test("toRgbImage() rounds to the nearest integer and clips", () => {
  const format = { model: "rgb", depth: 16, chroma: [1, 1], alpha: false } as const;
  const rgb = Float32Array.of(0.4 / 255, 0.6 / 255, 254.4 / 255);
  const like = { width: 1, height: 1, format, color: {} };
  equal([...toRgbImage(rgbToImage(rgb, like)).pixels], [0, 1, 254]);
  const planes = [235, 0, 255].map((value) => Uint8Array.of(value));
  const limited = { ...like, format: { ...format, depth: 8 }, color: { range: "limited" as const }, planes };
  equal([...toRgbImage(limited).pixels], [255, 0, 255]);
});
