import { ARRAYS, DATA_TYPES, elementBytes, type NumericArray } from "./constants.ts";
import type { Context } from "./context.ts";
import { cString, type Native, type Pointer } from "./native.ts";

const MAX_RANK = 254;
const { TF_INT32, TF_INT64, TF_STRING, TF_RESOURCE } = DATA_TYPES;

/** Copies tensors between JavaScript and TensorFlow. TensorFlow never holds JavaScript memory, nor the other way round. */
export class TensorCopier {
  readonly #native: Native;
  readonly #context: Context;
  readonly #shape = new BigInt64Array(new ArrayBuffer(8 * MAX_RANK));

  constructor(native: Native, context: Context) {
    this.#native = native;
    this.#context = context;
  }

  /**
   * A handle on the context's device with a copy of the values. Throws TypeError where they are not of the type, and
   * RangeError where they do not fill the shape.
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

  /** A handle whose memory `fill` has written. */
  allocate(shape: readonly number[], type: number, bytes: number, fill: (memory: Pointer) => void): Pointer {
    const { call, status } = this.#native;
    if (shape.length > MAX_RANK) {
      throw new RangeError(`tensorflow: a rank over ${MAX_RANK} is not possible: ${shape.length}`);
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
      return this.#toDevice(this.#native.made(call.TFE_NewTensorHandle(tensor, status), "TFE_NewTensorHandle"), type);
    } finally {
      call.TF_DeleteTensor(tensor); // the handle keeps a reference of its own
    }
  }

  /** Moves a handle to the GPU where there is one. Integers and strings stay: TensorFlow wants shapes and axes on the host. */
  #toDevice(handle: Pointer, type: number): Pointer {
    const { call, status } = this.#native, { device, pointer } = this.#context;
    if (device.type === "CPU" || type === TF_INT32 || type === TF_STRING) return handle;
    try {
      const moved = call.TFE_TensorHandleCopyToDevice(handle, pointer, cString(device.name), status);
      return this.#native.made(moved, "TFE_TensorHandleCopyToDevice");
    } finally {
      call.TFE_DeleteTensorHandle(handle);
    }
  }

  /** A copy of a numeric tensor's values. Throws TypeError for a type that has no array. */
  download(handle: Pointer): NumericArray {
    const { call } = this.#native, type = call.TFE_TensorHandleDataType(handle), array = ARRAYS.get(type);
    if (array === undefined) throw new TypeError(`tensorflow: data type ${type} has no JavaScript form`);
    return this.resolve(handle, (tensor, memory) => {
      return new array(this.#native.copy(memory, Number(call.TF_TensorByteSize(tensor))).buffer);
    });
  }

  /** Lets `read` look at a tensor in the host's memory while it is there. */
  resolve<T>(handle: Pointer, read: (tensor: Pointer, memory: Deno.PointerValue) => T): T {
    const { call, status } = this.#native;
    const tensor = this.#native.made(call.TFE_TensorHandleResolve(handle, status), "TFE_TensorHandleResolve");
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
