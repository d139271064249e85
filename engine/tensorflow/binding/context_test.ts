import { deepStrictEqual as equal } from "node:assert/strict";
import { configProto } from "./context.ts";

Deno.test("configProto() writes TensorFlow's ConfigProto", () => {
  const growth = [0x32, 2, 0x20, 1];
  equal([...configProto({})], growth);
  equal([...configProto({ threads: 300 })], [0x10, 0xac, 2, 0x28, 1, ...growth]);
  equal([...configProto({ device: "cpu" })], [0x0a, 7, 0x0a, 3, 0x47, 0x50, 0x55, 0x10, 0, ...growth]);
  equal([...configProto({ device: "gpu:1" })], [0x32, 5, 0x20, 1, 0x2a, 1, 0x31]);
});
