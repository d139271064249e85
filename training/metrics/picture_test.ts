import { deepStrictEqual as equal } from "node:assert/strict";
import { rgbToImage } from "../../core/frames/color.ts";
import { imageOfPicture, pictureOf } from "./picture.ts";

const levels = Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => (i * 53) % 256);

Deno.test("pictureOf() and imageOfPicture() undo each other", () => {
  const picture = { width: 4, height: 3, levels };
  equal(pictureOf(imageOfPicture(picture)), picture);
});

Deno.test("pictureOf() rounds to the nearest level and clips", () => {
  const format = { model: "rgb", depth: 16, chroma: [1, 1], alpha: false } as const;
  const rgb = Float32Array.of(0.4 / 255, 0.6 / 255, 254.4 / 255);
  const like = { width: 1, height: 1, format, color: {} };
  equal([...pictureOf(rgbToImage(rgb, like)).levels], [0, 1, 254]);
  const planes = [235, 0, 255].map((level) => Uint8Array.of(level));
  const limited = { ...like, format: { ...format, depth: 8 }, color: { range: "limited" as const }, planes };
  equal([...pictureOf(limited).levels], [255, 0, 255]);
});
