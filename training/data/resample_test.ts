import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { resample } from "./resample.ts";

const gray = (width: number, height: number, values: number[]) => ({
  width,
  height,
  values: Float32Array.from(values),
});

Deno.test("resample() scales down by area means", () => {
  equal([...resample(gray(4, 2, [0, 2, 4, 6, 2, 4, 6, 8]), 2, 1, 1).values], [2, 6]);
  const [a, b] = resample(gray(3, 1, [0, 3, 6]), 2, 1, 1).values;
  ok(Math.abs(a! - 1) < 1e-6 && Math.abs(b! - 5) < 1e-6);
});

Deno.test("resample() scales up bilinearly with half-pixel centers", () => {
  equal([...resample(gray(2, 1, [0, 4]), 4, 1, 1).values], [0, 1, 3, 4]);
});

Deno.test("resample() to the same size changes nothing", () => {
  const values = Uint8Array.from({ length: 5 * 3 * 3 }, (_, i) => i * 5);
  equal([...resample({ width: 5, height: 3, values }, 5, 3).values], [...values]);
});

Deno.test("resample() reads only pixels of the image, for all sizes", () => {
  for (let from = 1; from <= 130; from++) {
    for (let to = 1; to <= from; to++) {
      const { values } = resample(gray(from, 1, Array(from).fill(1)), to, 1, 1);
      ok(values.every((value) => Math.abs(value - 1) < 1e-5), `${from} to ${to}`);
    }
  }
});
