import { ARRAYS, DATA_TYPES, elementBytes, type NumericArray } from "./constants.ts";
import type { Context } from "./context.ts";
import { cString, type Native, type Pointer } from "./native.ts";
import type { OpRunner } from "./ops.ts";

const MAX_RANK = 254;
const { TF_INT32, TF_INT64, TF_STRING, TF_RESOURCE } = DATA_TYPES;

/** Copies tensors between JavaScript and TensorFlow. Neither holds memory of the other. */
export class TensorCopier {
  readonly #native: Native;
  readonly #context: Context;
  readonly #shape = new BigInt64Array(new ArrayBuffer(8 * MAX_RANK));

  constructor(native: Native, context: Context) {
    this.#native = native;
    this.#context = context;
  }

  /**
   * Copies values to the device of the context and returns a handle.
   *
   * @throws {TypeError} If the values do not have the data type.
   * @throws {RangeError} If their number does not match the shape.
   */
  upload(shape: readonly number[], type: number, values: NumericArray): Pointer {
    const array = ARRAYS.get(type);
    // tfjs-node writes 64-bit integers as pairs of 32-bit ones.
    const fits = array !== undefined && values instanceof array || type === TF_INT64 && values instanceof Int32Array;
    if (!fits || type === TF_RESOURCE) {
      throw new TypeError(`tensorflow: data type ${type} cannot be made of ${values.constructor.name}`);
    }
    const bytes = shape.reduce((product, size) => product * size, elementBytes(type));
    if (bytes !== values.byteLength) {
      throw new RangeError(
        `tensorflow: a tensor of shape [${shape}] takes ${bytes} bytes, got ${values.length} values of ${values.byteLength} bytes`,
      );
    }
    const data = values as NumericArray & { readonly buffer: ArrayBuffer };
    return this.allocate(shape, type, bytes, (memory) => this.#native.call.copyIn(memory, data, BigInt(bytes)));
  }

  /** Creates a handle; `fill` writes its memory. */
  allocate(shape: readonly number[], type: number, bytes: number, fill: (memory: Pointer) => void): Pointer {
    const { call, status } = this.#native;
    if (shape.length > MAX_RANK) {
      throw new RangeError(`tensorflow: the rank must be at most ${MAX_RANK}, got ${shape.length}`);
    }
    shape.forEach((size, i) => this.#shape[i] = BigInt(size));
    const tensor = call.TF_AllocateTensor(type, this.#shape, shape.length, BigInt(bytes));
    if (tensor === null) throw new RangeError(`tensorflow: no memory for a tensor of shape [${shape}], ${bytes} bytes`);
    try {
      const memory = call.TF_TensorData(tensor);
      if (bytes > 0) {
        if (memory === null) {
          throw new RangeError(`tensorflow: no memory for a tensor of shape [${shape}], ${bytes} bytes`);
        }
        fill(memory);
      }
      return this.#toDevice(
        this.#native.created(call.TFE_NewTensorHandle(tensor, status), "TFE_NewTensorHandle"),
        type,
      );
    } finally {
      call.TF_DeleteTensor(tensor); // the handle has its own reference
    }
  }

  /** Moves a handle to the GPU, if there is one. Integers and strings stay: TensorFlow expects shapes and axes on the host. */
  #toDevice(handle: Pointer, type: number): Pointer {
    const { call, status } = this.#native, { device, pointer } = this.#context;
    if (device.type === "CPU" || type === TF_INT32 || type === TF_STRING) return handle;
    try {
      const moved = call.TFE_TensorHandleCopyToDevice(handle, pointer, cString(device.name), status);
      return this.#native.created(moved, "TFE_TensorHandleCopyToDevice");
    } finally {
      call.TFE_DeleteTensorHandle(handle);
    }
  }

  /**
   * Copies the values of a numeric tensor.
   *
   * @throws {TypeError} If JavaScript has no array for its data type.
   */
  download(handle: Pointer): NumericArray {
    const { call } = this.#native, type = call.TFE_TensorHandleDataType(handle), array = ARRAYS.get(type);
    if (array === undefined) throw new TypeError(`tensorflow: data type ${type} has no JavaScript array`);
    return this.resolve(handle, (tensor, memory) => {
      return new array(this.#native.copy(memory, Number(call.TF_TensorByteSize(tensor))).buffer);
    });
  }

  /**
   * Copies the values of a numeric tensor into an array of the same number of bytes.
   *
   * @throws {RangeError} If the number of bytes differs.
   */
  downloadInto(handle: Pointer, values: NumericArray & { readonly buffer: ArrayBuffer }): void {
    const { call } = this.#native;
    this.resolve(handle, (tensor, memory) => {
      const bytes = Number(call.TF_TensorByteSize(tensor));
      if (bytes !== values.byteLength) {
        throw new RangeError(`tensorflow: the tensor has ${bytes} bytes, the array ${values.byteLength}`);
      }
      if (bytes > 0) call.copyOut(values, memory, BigInt(bytes));
    });
  }

  /** Calls `read` with a tensor in the memory of the host. */
  resolve<T>(handle: Pointer, read: (tensor: Pointer, memory: Deno.PointerValue) => T): T {
    const { call, status } = this.#native;
    const tensor = this.#native.created(call.TFE_TensorHandleResolve(handle, status), "TFE_TensorHandleResolve");
    try {
      return read(tensor, call.TF_TensorData(tensor));
    } finally {
      call.TF_DeleteTensor(tensor);
    }
  }

  /** Sizes of a tensor's dimensions. */
  shape(handle: Pointer): number[] {
    const { call, status } = this.#native, rank = call.TFE_TensorHandleNumDims(handle, status);
    if (rank < 0) this.#native.check("TFE_TensorHandleNumDims");
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) shape.push(Number(call.TFE_TensorHandleDim(handle, axis, status)));
    return shape;
  }
}

/** `sizeof(TF_TString)`. */
const TSTRING_BYTES = 24;

/** Copies byte strings to TensorFlow and returns a handle. */
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
    // The strings are views of `pool`; StringJoin with one input copies them.
    const attributes = [{ name: "N", type: 1, value: 1 }, { name: "separator", type: 0, value: "" }];
    const [handle] = runner.run("StringJoin", attributes, [views], 1);
    if (handle === undefined) throw new RangeError("tensorflow: StringJoin gave no tensor");
    return handle;
  } finally {
    native.call.TFE_DeleteTensorHandle(views);
    native.addressOf(pool); // keeps `pool` alive until here
  }
}

/** Copies the values of a string tensor. */
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
