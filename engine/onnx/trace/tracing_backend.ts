import {
  type backend_util,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { ARRAYS, type ElementType, isElementType } from "../graph/data_types.ts";
import type { Shape, Values } from "../graph/layout.ts";
import { UntraceableError } from "./untraceable.ts";

/** Tensors that go into a kernel, by name, or by number as `concat` has them. */
export type KernelInputs = Readonly<Record<string, TensorInfo | undefined>>;

/** Takes the kernels that run on a {@linkcode TracingBackend}. */
export interface KernelRecorder {
  /** Records a kernel, or runs it where its inputs are known. */
  run(kernel: string, inputs: KernelInputs, attributes: unknown): TensorInfo | TensorInfo[];
}

/** What a tfjs data id stands for: numbers where they are known, else a value that a graph computes. */
export interface Datum {
  /** Shape as tfjs sees it. */
  readonly shape: Shape;
  /** What it holds. */
  readonly dtype: ElementType;
  /** How many tensors share it. */
  refs: number;
  /** The numbers; absent where they are known only when the graph runs. */
  readonly values?: Values | undefined;
}

/** A tensor in words for errors. */
export function describe({ dtype, shape }: Pick<TensorInfo, "dtype" | "shape">): string {
  return `${dtype}[${shape}]`;
}

/** The tfjs backend that computes nothing: the kernels that run on it are handed to a recorder. */
export class TracingBackend extends KernelBackend {
  /** Name of the backend in tfjs. */
  static readonly backendName = "onnx";

  /** The trace in progress. */
  tracing: KernelRecorder | undefined;

  readonly #data: DataStorage<Datum> = new DataStorage<Datum>(this, engine());

  /** What a tensor of this backend stands for. */
  datum(tensor: Pick<TensorInfo, "dataId">): Datum {
    return this.#data.get(tensor.dataId);
  }

  /** A tensor whose numbers a graph will compute. */
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
    if (!isElementType(dtype)) throw new UntraceableError(`onnx: tensors of ${dtype} cannot be recorded`);
    // A cast that loses nothing leaves the numbers in the array that they were in.
    const given = values as Values, typed = given instanceof ARRAYS[dtype] ? given : ARRAYS[dtype].from(given);
    this.#data.set(id, { shape, dtype, refs, values: typed });
  }

  override readSync(id: DataId): backend_util.BackendValues {
    const datum = this.#data.get(id);
    if (datum.values) return datum.values;
    throw new UntraceableError(
      `onnx: the network reads a tensor, ${describe({ ...datum, shape: [...datum.shape] })}, whose numbers are known ` +
        "only when the graph runs; compute with it by tfjs ops alone, or take another --backend",
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
