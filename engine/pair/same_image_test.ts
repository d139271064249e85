import { deepStrictEqual as equal } from "node:assert/strict";
import type { Image } from "@slomo/core";
import { isSameImage } from "./same_image.ts";

const image = (...planes: Image["planes"]): Image => ({
  width: 3,
  height: 2,
  format: { model: "rgb", depth: 8, chroma: [1, 1], alpha: false },
  color: {},
  planes,
});

Deno.test("isSameImage() compares samples, size, format and color space", () => {
  const plane = () => Uint8Array.of(1, 2, 3, 4, 5, 6), one = image(plane(), plane(), plane());
  equal(isSameImage(one, one), true);
  equal(isSameImage(one, image(plane(), plane(), plane())), true);
  equal(isSameImage(one, image(plane(), plane(), Uint8Array.of(1, 2, 3, 4, 5, 7))), false);
  equal(isSameImage(one, { ...image(plane(), plane(), plane()), width: 2, height: 3 }), false);
  equal(isSameImage(one, { ...image(plane(), plane(), plane()), color: { range: "full" } }), false);
});

Deno.test("isSameImage() compares planes at any position of a buffer, of 8 and of 16 bits", () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8], shifted = new Uint8Array([0, ...values]).subarray(1);
  equal(isSameImage(image(Uint8Array.from(values)), image(shifted)), true);
  equal(isSameImage(image(Uint8Array.from(values)), image(shifted.map((x) => x + (x === 8 ? 1 : 0)))), false);
  const wide = (last: number) => image(Uint16Array.from([...values, last]));
  equal([isSameImage(wide(256), wide(256)), isSameImage(wide(256), wide(512))], [true, false]);
});
