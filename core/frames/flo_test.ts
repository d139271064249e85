import assert from "node:assert/strict";
import { decodeFlo, encodeFlo } from "./flo.ts";

const BYTES = new Uint8Array([
  ...new TextEncoder().encode("PIEH"),
  ...[2, 0, 0, 0, 1, 0, 0, 0],
  ...[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0x3f],
]);
const FLOW = { width: 2, height: 1, values: new Float32Array([1, -2, 0, 0.5]) };

Deno.test("encodeFlo() writes the tag, the size and little-endian floats", () => {
  assert.deepEqual(encodeFlo(FLOW), BYTES);
});

Deno.test("decodeFlo() reads the same bytes, also from the middle of a buffer", () => {
  assert.deepEqual(decodeFlo(BYTES), FLOW);
  assert.deepEqual(decodeFlo(new Uint8Array([9, ...BYTES]).subarray(1)), FLOW);
});

Deno.test("decodeFlo() refuses other files and wrong lengths", () => {
  assert.throws(() => decodeFlo(new Uint8Array(12)), /RangeError: flo: a file must begin with the number 202021.25/);
  assert.throws(() => decodeFlo(BYTES.subarray(0, 5)), /must begin/);
  assert.throws(() => decodeFlo(BYTES.subarray(0, 20)), /a file of 2×1 must have 28 bytes, got 20/);
  assert.throws(() => encodeFlo({ ...FLOW, width: 3 }), /a flow of 3×1 needs 6 values, got 4/);
});
