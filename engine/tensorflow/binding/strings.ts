import { DATA_TYPES } from "./constants.ts";
import type { Native, Pointer } from "./native.ts";
import type { OpRunner } from "./ops.ts";
import type { TensorCopier } from "./tensors.ts";

/** `sizeof(TF_TString)`. */
const TSTRING_BYTES = 24;

/** A handle with a copy of byte strings. */
export function uploadStrings(
  native: Native,
  copier: TensorCopier,
  runner: OpRunner,
  shape: readonly number[],
  values: readonly Uint8Array[],
): Pointer {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== values.length) {
    throw new RangeError(`tensorflow: a tensor of shape [${shape}] takes ${elements} strings, got ${values.length}`);
  }
  const pool = new Uint8Array(new ArrayBuffer(values.reduce((sum, { length }) => sum + length, 1)));
  let used = 0;
  const views = copier.allocate(shape, DATA_TYPES.TF_STRING, TSTRING_BYTES * elements, (memory) => {
    const start = native.addressOf(pool), first = native.address(memory);
    values.forEach((value, i) => {
      const item = native.pointer(first + BigInt(i * TSTRING_BYTES));
      pool.set(value, used);
      native.call.TF_StringInit(item);
      native.call.TF_StringAssignView(item, native.pointer(start + BigInt(used)), BigInt(value.length));
      used += value.length;
    });
  });
  try {
    // The strings still look into `pool`; joining each with nothing makes copies that TensorFlow owns.
    const attributes = [{ name: "N", type: 1, value: 1 }, { name: "separator", type: 0, value: "" }];
    const [handle] = runner.run("StringJoin", attributes, [views], 1);
    if (handle === undefined) throw new RangeError("tensorflow: StringJoin gave no tensor");
    return handle;
  } finally {
    native.call.TFE_DeleteTensorHandle(views);
    native.addressOf(pool); // keeps it alive until here
  }
}

/** Copies of a string tensor's values. */
export function downloadStrings(native: Native, copier: TensorCopier, handle: Pointer): Uint8Array[] {
  const { call } = native;
  return copier.resolve(handle, (tensor, memory) => {
    const first = native.address(memory);
    return Array.from({ length: Number(call.TF_TensorElementCount(tensor)) }, (_, i) => {
      const item = native.pointer(first + BigInt(i * TSTRING_BYTES));
      return native.copy(call.TF_StringGetDataPointer(item), Number(call.TF_StringGetSize(item)));
    });
  });
}
