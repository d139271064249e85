import {
  type backend_util,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { ARRAYS, type ElementType, isElementType, type Shape, type Values } from "../graph/values.ts";
import { UsageError } from "@slomo/core";

/** A network cannot be traced into an ONNX graph; another backend may run it. */
export class UntraceableError extends UsageError {
  /**
   * Creates the error with the code `untraceable`.
   *
   * @param message Names the op or the tensor.
   */
  constructor(message: string) {
    super(message, { code: "untraceable", option: "backend" });
  }
}

/** Inputs of a kernel by name, or by number as in `concat`. */
export type KernelInputs = Readonly<Record<string, TensorInfo | undefined>>;

/** Receives the kernels that run on a {@linkcode TracingBackend}. */
export interface KernelTracer {
  /** Traces a kernel, or runs it if its inputs are constants. */
  run(kernel: string, inputs: KernelInputs, attributes: unknown): TensorInfo | TensorInfo[];
}

/** The value of a tfjs data id: a constant, or a value that the graph computes. */
export interface Datum {
  /** Shape of the tfjs tensor. */
  readonly shape: Shape;
  /** Data type. */
  readonly dtype: ElementType;
  /** Number of tensors that share it. */
  refs: number;
  /** Values of a constant; absent if the graph computes them. */
  readonly values?: Values | undefined;
}

/** Describes a tensor in error messages. */
export function describe({ dtype, shape }: Pick<TensorInfo, "dtype" | "shape">): string {
  return `${dtype}[${shape}]`;
}

/** A tfjs backend that computes nothing and passes its kernels to a tracer. */
export class TracingBackend extends KernelBackend {
  /** Name of the backend in tfjs. */
  static readonly backendName = "onnx";

  /** The trace in progress. */
  tracing: KernelTracer | undefined;

  readonly #data: DataStorage<Datum> = new DataStorage<Datum>(this, engine());

  /** Returns the value of a tensor. */
  datum(tensor: Pick<TensorInfo, "dataId">): Datum {
    return this.#data.get(tensor.dataId);
  }

  /** Creates a tensor whose values the graph computes. */
  placeholder(shape: Shape, dtype: ElementType): TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { shape, dtype, refs: 1 });
    return { dataId, shape: [...shape], dtype };
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    id: DataId,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refs: number,
  ): void {
    if (!isElementType(dtype)) throw new UntraceableError(`onnx: tensors of ${dtype} cannot be traced`);
    // After a cast that loses nothing, tfjs keeps the values in the array of the original type.
    const given = values as Values, typed = given instanceof ARRAYS[dtype] ? given : ARRAYS[dtype].from(given);
    this.#data.set(id, { shape, dtype, refs, values: typed });
  }

  override readSync(id: DataId): backend_util.BackendValues {
    const datum = this.#data.get(id);
    if (datum.values) return datum.values;
    throw new UntraceableError(
      `onnx: the network reads a tensor, ${describe({ ...datum, shape: [...datum.shape] })}, whose values are known ` +
        "only when the graph runs; process it with tfjs ops only, or choose another `backend`",
    );
  }

  override read(id: DataId): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(id));
  }

  override refCount(id: DataId): number {
    return this.#data.has(id) ? this.#data.get(id).refs : 0;
  }

  override incRef(id: DataId): void {
    this.#data.get(id).refs++;
  }

  override disposeData(id: DataId, force = false): boolean {
    if (!this.#data.has(id)) return true;
    if (--this.#data.get(id).refs > 0 && !force) return false;
    return this.#data.delete(id);
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override dispose(): void {}
}
