import { deepStrictEqual as equal, match, ok, throws } from "node:assert/strict";
import { JobError, UsageError } from "../../../core/errors.ts";
import { LIBRARY, testOnTensorflow } from "../_testing.ts";
import { TensorflowBinding } from "./binding.ts";
import { TensorflowError } from "./native.ts";

/** Runs a test with a binding, and closes it. */
function withBinding(name: string, test: (binding: TensorflowBinding) => void): void {
  testOnTensorflow(name, () => {
    const binding = new TensorflowBinding(LIBRARY.path, { threads: 1 });
    try {
      test(binding);
    } finally {
      binding.close();
    }
  });
}

const type = (binding: TensorflowBinding, value: number = binding.TF_FLOAT) => ({
  name: "T",
  type: binding.TF_ATTR_TYPE,
  value,
});

withBinding("TensorflowBinding keeps values of every data type exactly", (binding) => {
  const kept = (dtype: number, values: Parameters<typeof binding.createTensor>[2], shape: number[]) => {
    const id = binding.createTensor(shape, dtype, values);
    equal(binding.tensorDataSync(id), values);
    binding.deleteTensor(id);
  };
  kept(binding.TF_FLOAT, Float32Array.of(0, -0, NaN, Infinity, 1e-45, 0.1), [2, 3]);
  kept(binding.TF_INT32, Int32Array.of(-(2 ** 31), 2 ** 31 - 1), [2]);
  kept(binding.TF_BOOL, Uint8Array.of(0, 1), [2, 1]);
  kept(binding.TF_UINT8, Uint8Array.of(7), []);
  kept(binding.TF_COMPLEX64, Float32Array.of(1, 2, 3, 4), [2]);
  kept(binding.TF_FLOAT, new Float32Array(0), [0, 4]);
  kept(binding.TF_STRING, [new Uint8Array(0), Uint8Array.of(0, 255), new Uint8Array(100).fill(9)], [3]);
  equal(binding.getNumOfTensors(), 0);
});

withBinding("TensorflowBinding copies values in and out", (binding) => {
  const values = Float32Array.of(1, 2), id = binding.createTensor([2], binding.TF_FLOAT, values);
  values.fill(0);
  const read = binding.tensorDataSync(id);
  ok(read instanceof Float32Array);
  read.fill(7);
  equal(binding.tensorDataSync(id), Float32Array.of(1, 2));
});

withBinding("TensorflowBinding accepts views of larger arrays", (binding) => {
  const part = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
  equal(binding.tensorDataSync(binding.createTensor([2], binding.TF_FLOAT, part)), Float32Array.of(1, 2));
});

withBinding("TensorflowBinding runs ops with several outputs, and with lists as attributes", (binding) => {
  const x = binding.createTensor([1, 2, 2, 1], binding.TF_FLOAT, Float32Array.of(1, 2, 3, 4));
  const axis = binding.createTensor([], binding.TF_INT32, Int32Array.of(1));
  const halves = binding.executeOp(
    "Split",
    [
      type(binding),
      { name: "num_split", type: binding.TF_ATTR_INT, value: 2 },
    ],
    [axis, x],
    2,
  );
  equal(halves.map(({ shape }) => shape), [[1, 1, 2, 1], [1, 1, 2, 1]]);
  equal(halves.map(({ id }) => binding.tensorDataSync(id)), [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  const [pooled] = binding.executeOp(
    "AvgPool",
    [
      type(binding),
      { name: "ksize", type: binding.TF_ATTR_INT, value: [1, 2, 2, 1] },
      { name: "strides", type: binding.TF_ATTR_INT, value: [1, 2, 2, 1] },
      { name: "padding", type: binding.TF_ATTR_STRING, value: "VALID" },
    ],
    [x],
    1,
  );
  equal(binding.tensorDataSync(pooled!.id), Float32Array.of(2.5));
});

withBinding(
  "TensorflowBinding throws TensorFlow's reason in one line, and frees everything of a failed op",
  (binding) => {
    const a = binding.createTensor([2, 3], binding.TF_FLOAT, new Float32Array(6)), before = binding.getNumOfTensors();
    const failure = (run: () => void): TensorflowError => {
      try {
        run();
      } catch (error) {
        if (error instanceof TensorflowError) return error;
        throw error;
      }
      throw new Error("nothing was thrown");
    };
    const sizes = failure(() => binding.executeOp("MatMul", [type(binding)], [a, a], 1));
    equal(
      sizes.message,
      "tensorflow: MatMul failed: Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3] (invalid argument)",
    );
    equal([sizes.op, sizes.code], ["MatMul", 3]);
    const unknown = failure(() => binding.executeOp("Nothing", [], [], 1));
    match(unknown.message, /^tensorflow: Nothing failed: [^\n]+ \(not found\)$/);
    match(
      failure(() => binding.executeOp("AddV2", [type(binding)], [a], 1)).message,
      /^tensorflow: AddV2 failed: [^\n]+$/,
    );
    equal(binding.getNumOfTensors(), before);
    equal(binding.executeOp("AddV2", [type(binding)], [a, a], 1)[0]!.shape, [2, 3]);
  },
);

withBinding("TensorflowBinding suggests a smaller batch if memory runs out", (binding) => {
  const shape = binding.createTensor([4], binding.TF_INT32, Int32Array.of(8, 1 << 20, 1 << 20, 64));
  const value = binding.createTensor([], binding.TF_FLOAT, Float32Array.of(1));
  throws(
    () => binding.executeOp("Fill", [type(binding)], [shape, value], 1),
    (error) =>
      error instanceof JobError &&
      error.message ===
        "tensorflow: Fill cannot allocate a tensor of shape [8, 1048576, 1048576, 64]: the memory is full; " +
          "use a batch of 4 instead of 8, or smaller tiles",
  );
});

withBinding("TensorflowBinding refuses invalid calls before they reach TensorFlow", (binding) => {
  const four = new Float32Array(4);
  throws(
    () => binding.createTensor([3], binding.TF_FLOAT, four),
    /shape \[3\] takes 12 bytes, got 4 values of 16 bytes/,
  );
  throws(() => binding.createTensor([4], binding.TF_INT32, four), /data type 3 cannot be made of Float32Array/);
  throws(() => binding.createTensor([2], binding.TF_STRING, [new Uint8Array(1)]), /takes 2 strings, got 1/);
  throws(() => binding.tensorDataSync(1234), /there is no tensor 1234; it was freed or never created/);
  throws(() => binding.deleteTensor(1234), RangeError);
  const bad = { name: "T", type: binding.TF_ATTR_TYPE, value: "float" };
  const id = binding.createTensor([4], binding.TF_FLOAT, four);
  throws(() => binding.executeOp("Neg", [bad], [id], 1), /attribute T of type 4 cannot be "float"/);
  binding.close();
  throws(() => binding.createTensor([4], binding.TF_FLOAT, four), /the binding is closed/);
  throws(() => binding.executeOp("Neg", [type(binding)], [id], 1), /the binding is closed/);
});

testOnTensorflow("TensorflowBinding refuses unknown devices", () => {
  const open = (device: string) => () => new TensorflowBinding(LIBRARY.path, { device });
  throws(open("cuda"), (e) => e instanceof UsageError && /`device` must be cpu or gpu:N, got cuda/.test(e.message));
  const cpu = new TensorflowBinding(LIBRARY.path, { device: "cpu" });
  equal([cpu.device.type, cpu.isUsingGpuDevice()], ["CPU", false]);
  cpu.close();
});

Deno.test("TensorflowBinding refuses files that are no library", async () => {
  const file = await Deno.makeTempFile({ suffix: ".so" });
  try {
    throws(
      () => new TensorflowBinding(file),
      (e) => e instanceof UsageError && /cannot load .*run `deno task setup`/.test(e.message),
    );
    throws(() => new TensorflowBinding(`${file}.gone`), UsageError);
  } finally {
    await Deno.remove(file);
  }
});
