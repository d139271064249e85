import { deepStrictEqual as equal } from "node:assert/strict";
import { LAYOUTS, permute } from "./values.ts";

Deno.test("permute() moves each value to the place of its axes", () => {
  const shape = [2, 3, 4, 5], values = Float32Array.from({ length: 120 }, (_, i) => i);
  for (const perm of Object.values(LAYOUTS)) {
    const found = permute(values, shape, perm), lengths = perm.map((axis) => shape[axis]!), expected: number[] = [];
    for (let i = 0; i < 120; i++) {
      const place: number[] = [];
      // Coordinates in the new order, from the last axis to the first.
      for (let p = 3, rest = i; p >= 0; rest = Math.floor(rest / lengths[p]!), p--) {
        place[perm[p]!] = rest % lengths[p]!;
      }
      expected.push(place.reduce((index, at, axis) => index * shape[axis]! + at, 0));
    }
    equal([...found], expected, `${perm}`);
  }
  equal(permute(Float32Array.of(7), [], []), Float32Array.of(7));
  equal(permute(new Int32Array(0), [2, 0], [1, 0]), new Int32Array(0));
});
