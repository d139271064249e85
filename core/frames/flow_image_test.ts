import assert from "node:assert/strict";
import { flowImage, longestFlow } from "./flow_image.ts";

function colored(vectors: [number, number][], longest?: number): number[][] {
  const flow = { width: vectors.length, height: 1, values: new Float32Array(vectors.flat()) };
  const { planes } = flowImage(flow, longest);
  return vectors.map((_, i) => planes.map((plane) => plane[i]!));
}

Deno.test("flowImage() renders the four directions in Middlebury's colors", () => {
  assert.deepEqual(colored([[1, 0], [0, 1], [-1, 0], [0, -1]]), [
    [255, 0, 0],
    [255, 229, 0],
    [0, 209, 255],
    [88, 0, 255],
  ]);
});

Deno.test("flowImage() uses all 55 colors of the published wheel", () => {
  const table: number[][] = [];
  for (let i = 0; i < 15; i++) table.push([255, Math.trunc(255 * i / 15), 0]);
  for (let i = 0; i < 6; i++) table.push([255 - Math.trunc(255 * i / 6), 255, 0]);
  for (let i = 0; i < 4; i++) table.push([0, 255, Math.trunc(255 * i / 4)]);
  for (let i = 0; i < 11; i++) table.push([0, 255 - Math.trunc(255 * i / 11), 255]);
  for (let i = 0; i < 13; i++) table.push([Math.trunc(255 * i / 13), 0, 255]);
  for (let i = 0; i < 6; i++) table.push([255, 0, 255 - Math.trunc(255 * i / 6)]);
  const around = table.map((_, k): [number, number] => {
    const angle = 2 * Math.PI * k / 54;
    return [0.999999 * Math.cos(angle), 0.999999 * Math.sin(angle)];
  });
  colored(around, 1).forEach((color, k) => {
    color.forEach((level, c) => assert.ok(Math.abs(level - table[k]![c]!) <= 1, `color ${k}: ${color}, ${table[k]}`));
  });
});

Deno.test("flowImage() is white for zero flow, paler for shorter vectors, and darker beyond the longest", () => {
  assert.deepEqual(colored([[0, 0], [2, 0], [4, 0], [8, 0]], 4), [
    [255, 255, 255],
    [255, 127, 127],
    [255, 0, 0],
    [191, 0, 0],
  ]);
  assert.deepEqual(colored([[0, 0]]), [[255, 255, 255]]);
});

Deno.test("flowImage() renders unknown flow in black and does not scale by it", () => {
  assert.deepEqual(colored([[3, 0], [1e10, 0], [0, NaN]]), [[255, 0, 0], [0, 0, 0], [0, 0, 0]]);
  assert.equal(longestFlow({ width: 2, height: 1, values: new Float32Array([3, 4, 1e10, 0]) }), 5);
});
