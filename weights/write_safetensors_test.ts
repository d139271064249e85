import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../core/errors.ts";
import { writeSafetensors } from "./write_safetensors.ts";

const one = (values: number[]) => ({ shape: [values.length], values: new Float32Array(values) });

Deno.test("writeSafetensors() returns equal bytes for equal contents in any order, with values at multiples of 8", () => {
  const bytes = writeSafetensors(new Map([["a", one([1])], ["b", one([2, 3])]]), { k: "v" }, "F32");
  equal(writeSafetensors(new Map([["b", one([2, 3])], ["a", one([1])]]), { k: "v" }, "F32"), bytes);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  equal(length % 8, 0);
  equal(
    new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd(),
    JSON.stringify({
      __metadata__: { k: "v" },
      a: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
      b: { dtype: "F32", shape: [2], data_offsets: [4, 12] },
    }),
  );
  equal(new Float32Array(bytes.slice(8 + length).buffer), new Float32Array([1, 2, 3]));
});

Deno.test("writeSafetensors() rejects values outside the range of float16, and keeps infinities", () => {
  throws(() => writeSafetensors(new Map([["big", one([1, -65520])]]), {}, "F16"), (error) => {
    equal(error instanceof UsageError, true);
    equal((error as Error).message.includes('"big" holds -65520'), true);
    return true;
  });
  writeSafetensors(new Map([["a", one([65519, Infinity])]]), {}, "F16");
  writeSafetensors(new Map([["a", one([1e38])]]), {}, "F32");
});

Deno.test("writeSafetensors() rejects a shape that does not match the number of values", () => {
  throws(
    () => writeSafetensors(new Map([["a", { shape: [2, 2], values: new Float32Array(3) }]]), {}, "F32"),
    RangeError,
  );
});
