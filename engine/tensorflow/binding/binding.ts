import { ATTRIBUTE_TYPES, DATA_TYPES, type NumericArray } from "./constants.ts";
import { type Context, type Device, type DeviceOptions, openContext } from "./context.ts";
import { openLibrary } from "./library.ts";
import { Native, type Pointer } from "./native.ts";
import { type Attribute, OpRunner } from "./ops.ts";
import { downloadStrings, TensorCopier, uploadStrings } from "./tensors.ts";

/** Description of a tensor for tfjs-node. */
export interface TensorMetadata {
  /** Number of the tensor in the binding. */
  readonly id: number;
  /** Sizes of its dimensions. */
  readonly shape: number[];
  /** One of `DATA_TYPES`. */
  readonly dtype: number;
}

/**
 * The object that tfjs-node's `NodeJSKernelBackend` requires, without its native addon: it calls libtensorflow's C API
 * through Deno's FFI. Tensors are numbered; each exists until it is deleted or the binding is closed.
 */
export class TensorflowBinding {
  /** TensorFlow's version. */
  readonly TF_Version: string;
  /** The devices that TensorFlow found. */
  readonly devices: readonly Device[];
  /** The device that holds the tensors. */
  readonly device: Device;
  readonly #native: Native;
  readonly #context: Context;
  readonly #copier: TensorCopier;
  readonly #runner: OpRunner;
  readonly #handles = new Map<number, Pointer>();
  #created = 0;
  #closed = false;

  /**
   * Loads libtensorflow and opens a context.
   *
   * @param path Path of the library.
   * @throws {UsageError} If either fails.
   */
  constructor(path: string, options: DeviceOptions = {}) {
    this.#native = new Native(openLibrary(path));
    this.#context = openContext(this.#native, options);
    this.#copier = new TensorCopier(this.#native, this.#context);
    this.#runner = new OpRunner(this.#native, this.#context);
    this.TF_Version = this.#native.text(this.#native.call.TF_Version());
    this.devices = this.#context.devices;
    this.device = this.#context.device;
  }

  /** Returns whether a GPU holds the tensors. */
  isUsingGpuDevice(): boolean {
    return this.device.type === "GPU";
  }

  /** Returns the number of tensors. */
  getNumOfTensors(): number {
    return this.#handles.size;
  }

  /** Creates a tensor with a copy of the values and returns its number. */
  createTensor(shape: readonly number[], dtype: number, values: NumericArray | readonly Uint8Array[]): number {
    this.#open();
    const handle = ArrayBuffer.isView(values)
      ? this.#copier.upload(shape, dtype, values)
      : uploadStrings(this.#native, this.#copier, this.#runner, shape, values);
    return this.#keep(handle);
  }

  /** Frees a tensor. */
  deleteTensor(id: number): void {
    this.#native.call.TFE_DeleteTensorHandle(this.#handle(id));
    this.#handles.delete(id);
  }

  /** Copies the values of a tensor; waits for the device if necessary. */
  tensorDataSync(id: number): NumericArray | Uint8Array[] {
    const handle = this.#handle(id);
    return this.#native.call.TFE_TensorHandleDataType(handle) === DATA_TYPES.TF_STRING
      ? downloadStrings(this.#native, this.#copier, handle)
      : this.#copier.download(handle);
  }

  /**
   * Copies the values of a float32 tensor into `values`, which has their number.
   *
   * @throws {RangeError} If it has another number.
   */
  readFloats(id: number, values: Float32Array<ArrayBuffer>): void {
    this.#copier.downloadInto(this.#handle(id), values);
  }

  /** Runs an op on tensors by their numbers and returns its outputs, at most `outputs`. */
  executeOp(name: string, attributes: readonly Attribute[], ids: readonly number[], outputs: number): TensorMetadata[] {
    this.#open();
    const inputs: Pointer[] = [];
    for (const id of ids) inputs.push(this.#handle(id));
    return this.#runner.run(name, attributes, inputs, outputs).map((handle) => {
      const dtype = this.#native.call.TFE_TensorHandleDataType(handle);
      return { id: this.#keep(handle), shape: this.#copier.shape(handle), dtype };
    });
  }

  /** Frees all tensors and the context. Later calls throw. A worker calls this before it ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { call, status } = this.#native;
    for (const handle of this.#handles.values()) call.TFE_DeleteTensorHandle(handle);
    this.#handles.clear();
    call.TFE_DeleteContext(this.#context.pointer);
    call.TF_DeleteStatus(status);
  }

  #open(): void {
    if (this.#closed) throw new TypeError("tensorflow: the binding is closed");
  }

  #handle(id: number): Pointer {
    const handle = this.#handles.get(id);
    if (handle === undefined) {
      throw new RangeError(`tensorflow: there is no tensor ${id}; it was freed or never created`);
    }
    return handle;
  }

  #keep(handle: Pointer): number {
    this.#handles.set(++this.#created, handle);
    return this.#created;
  }
}

/** TensorFlow's constants, which tfjs-node's kernels read from their binding. */
export interface TensorflowBinding extends Readonly<typeof DATA_TYPES>, Readonly<typeof ATTRIBUTE_TYPES> {}
Object.assign(TensorflowBinding.prototype, DATA_TYPES, ATTRIBUTE_TYPES);
