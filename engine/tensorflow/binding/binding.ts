import type { Attribute } from "./attributes.ts";
import type { DeviceOptions } from "./config.ts";
import { ATTRIBUTE_TYPES, DATA_TYPES, type NumericArray } from "./constants.ts";
import { type Context, type Device, openContext } from "./context.ts";
import { openLibrary } from "./library.ts";
import { Native, type Pointer } from "./native.ts";
import { OpRunner } from "./ops.ts";
import { downloadStrings, uploadStrings } from "./strings.ts";
import { TensorCopier } from "./tensors.ts";

/** What tfjs-node knows of a tensor that an op made. */
export interface TensorMetadata {
  /** The tensor's number in the binding. */
  readonly id: number;
  /** Sizes of its dimensions. */
  readonly shape: number[];
  /** One of `DATA_TYPES`. */
  readonly dtype: number;
}

/**
 * The object that tfjs-node's `NodeJSKernelBackend` is built on, without its native addon: libtensorflow's C API called
 * through Deno's FFI. Tensors are numbered; each lives until it is deleted or the binding is closed.
 */
export class TensorflowBinding {
  /** TensorFlow's version. */
  readonly TF_Version: string;
  /** The devices TensorFlow found. */
  readonly devices: readonly Device[];
  /** The device that tensors are kept on. */
  readonly device: Device;
  readonly #native: Native;
  readonly #context: Context;
  readonly #copier: TensorCopier;
  readonly #runner: OpRunner;
  readonly #handles = new Map<number, Pointer>();
  #created = 0;
  #closed = false;

  /** Loads libtensorflow from `path` and opens a context. Throws UsageError where either cannot be had. */
  constructor(path: string, options: DeviceOptions = {}) {
    this.#native = new Native(openLibrary(path));
    this.#context = openContext(this.#native, options);
    this.#copier = new TensorCopier(this.#native, this.#context);
    this.#runner = new OpRunner(this.#native, this.#context);
    this.TF_Version = this.#native.text(this.#native.call.TF_Version());
    this.devices = this.#context.devices;
    this.device = this.#context.device;
  }

  /** Whether tensors are kept on a GPU. */
  isUsingGpuDevice(): boolean {
    return this.device.type === "GPU";
  }

  /** Tensors that are alive. */
  getNumOfTensors(): number {
    return this.#handles.size;
  }

  /** Makes a tensor with a copy of the values and returns its number. */
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

  /** A copy of a tensor's values; waits for the device where need be. */
  tensorDataSync(id: number): NumericArray | Uint8Array[] {
    const handle = this.#handle(id);
    return this.#native.call.TFE_TensorHandleDataType(handle) === DATA_TYPES.TF_STRING
      ? downloadStrings(this.#native, this.#copier, handle)
      : this.#copier.download(handle);
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

  /** Frees every tensor and the context. Later calls throw; a Worker calls this before it ends. */
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
    if (handle === undefined) throw new RangeError(`tensorflow: there is no tensor ${id}; it was freed or never made`);
    return handle;
  }

  #keep(handle: Pointer): number {
    this.#handles.set(++this.#created, handle);
    return this.#created;
  }
}

/** TensorFlow's constants under their own names, where tfjs-node's kernels look for them. */
export interface TensorflowBinding extends Readonly<typeof DATA_TYPES>, Readonly<typeof ATTRIBUTE_TYPES> {}
Object.assign(TensorflowBinding.prototype, DATA_TYPES, ATTRIBUTE_TYPES);
