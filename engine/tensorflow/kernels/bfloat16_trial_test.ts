import { doesNotThrow, equal, ok, throws } from "node:assert/strict";
import { UsageError } from "../../../core/errors.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import { checkBfloat16, type TrialBinding } from "./bfloat16_trial.ts";

const { TF_FLOAT, TF_BFLOAT16 } = DATA_TYPES;

/** A binding whose ops in float32 give 1,024, and those in bfloat16 what `compute` gives for the op. */
function fakeBinding(compute: (op: string) => number): TrialBinding & { readonly left: Map<number, number> } {
  const left = new Map<number, number>();
  let created = 0;
  const keep = (value: number) => {
    left.set(++created, value);
    return created;
  };
  return {
    left,
    device: { name: "/job:localhost/replica:0/task:0/device:CPU:0", type: "CPU", memory: 0 },
    createTensor: () => keep(1),
    deleteTensor: (id) => ok(left.delete(id)),
    executeOp(op, attributes, [id = -1]) {
      const type = attributes.find(({ name }) => name === "T")?.value;
      const value = op === "Cast" ? left.get(id)! : type === TF_BFLOAT16 ? compute(op) : 1024;
      return [{ id: keep(value), shape: [1], dtype: type === TF_BFLOAT16 ? TF_BFLOAT16 : TF_FLOAT }];
    },
    tensorDataSync: (id) => Float32Array.of(left.get(id)!),
  };
}

const refusal = (reason: string) =>
  new UsageError(`tensorflow: cannot compute in bfloat16 on CPU:0: ${reason}; set \`precision\` to float32`, {
    code: "unsupported-precision",
    option: "precision",
    cause: undefined,
  });

Deno.test("checkBfloat16() accepts results that are rounded to bfloat16, and frees its tensors", () => {
  const tried: string[] = [];
  const binding = fakeBinding((op) => {
    tried.push(op);
    return 1020;
  });
  doesNotThrow(() => checkBfloat16(binding, true));
  doesNotThrow(() => checkBfloat16(binding, false));
  const plain = ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"];
  equal(tried.join(), [plain[0], "_MklNativeFusedConv2D", ...plain.slice(1), ...plain].join());
  equal(binding.left.size, 0);
});

Deno.test("checkBfloat16() refuses a device on which an op fails, and frees its tensors", () => {
  const cause = new Error("could not create a primitive");
  const binding = fakeBinding((op) => {
    if (op === "_MklNativeFusedConv2D") throw cause;
    return 1024;
  });
  doesNotThrow(() => checkBfloat16(binding, false));
  const expected = refusal("the device does not support it (_MklNativeFusedConv2D fails)");
  throws(() => checkBfloat16(binding, true), Object.assign(expected, { cause }));
  equal(binding.left.size, 0);
});

Deno.test("checkBfloat16() refuses a device with wrong results", () => {
  const binding = (value: number) => fakeBinding((op) => op === "Conv2DBackpropFilter" ? value : 1024);
  throws(() => checkBfloat16(binding(896), false), refusal("Conv2DBackpropFilter is wrong by 13 %"));
  throws(() => checkBfloat16(binding(NaN), false), /Conv2DBackpropFilter is wrong by NaN %/);
});

Deno.test("checkBfloat16() does not take an error in float32 for a lack of bfloat16", () => {
  const binding = { ...fakeBinding(() => 1024), executeOp: () => [] };
  throws(() => checkBfloat16(binding, false), /Conv2D returned no tensor/);
});
