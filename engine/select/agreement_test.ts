import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { agrees, differenceOf, samplePair } from "./agreement.ts";

Deno.test("differenceOf() returns the largest and the mean difference, relative to the range", () => {
  const [image] = samplePair(16, 8), planes = image.planes.map((plane) => plane.slice());
  planes[1]![5]! += 6554;
  const { largest, mean } = differenceOf({ ...image, planes }, image);
  ok(Math.abs(largest - 0.1) < 1e-4 && Math.abs(mean - 0.1 / (3 * 16 * 8)) < 1e-6, `${largest} ${mean}`);
  equal(differenceOf(image, image), { largest: 0, mean: 0 });
});

Deno.test("agrees() allows less in float32 than in float16, and a few large differences but not many", () => {
  const small = { largest: 0.001, mean: 1e-5 }, rounded = { largest: 0.05, mean: 0.002 };
  equal([agrees(small, "float32"), agrees(rounded, "float32"), agrees(rounded, "float16")], [true, false, true]);
  equal([agrees({ ...small, mean: 0.01 }, "float32"), agrees({ ...small, largest: 0.3 }, "float16")], [false, false]);
  equal(agrees({ largest: NaN, mean: NaN }, "float32"), false);
});

Deno.test("samplePair() moves a texture that fills the range but does not leave it", () => {
  const [first, second] = samplePair(40, 30), [plane] = first.planes, [moved] = second.planes;
  equal(moved![5 * 40 + 13], plane![4 * 40 + 10]);
  const sorted = plane!.toSorted();
  ok(
    sorted[0]! > 6000 && sorted[0]! < 20000 && sorted.at(-1)! > 50000 && sorted.at(-1)! < 65000,
    `${sorted[0]} ${sorted.at(-1)}`,
  );
});
