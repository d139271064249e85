import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type ElementType, inLayout, type Layout, LAYOUTS, permutation, permute, type Shape } from "../graph/values.ts";
import { GraphWriter } from "../graph/graph_writer.ts";
import type { OnnxDevice } from "../session/devices.ts";
import { foldConstants } from "./fold.ts";
import { type Datum, describe, type KernelInputs, type TracingBackend, UntraceableError } from "./tracing_backend.ts";

/**
 * Writes a tfjs kernel into the graph: takes the inputs of the kernel, at least one of which is no constant, and its
 * attributes; returns its outputs.
 */
export type Mapping<I extends string, A = unknown> = (
  g: Tracing,
  inputs: Readonly<Record<I, TensorInfo>>,
  attributes: A,
) => TensorInfo | TensorInfo[];

/** Mappings by the names of kernels; each is called with the inputs and attributes of its kernel. */
export type MappingTable = Readonly<
  Record<string, (g: Tracing, inputs: never, attributes: never) => TensorInfo | TensorInfo[]>
>;

/** A graph while it is traced. A value has one name for each layout that a node needs. */
export class Tracing {
  /** Collects the nodes. */
  readonly writer: GraphWriter = new GraphWriter();
  /** The device that will run the graph; `undefined` for any. */
  readonly device: OnnxDevice | undefined;

  readonly #backend: TracingBackend;
  readonly #mappings: MappingTable;
  readonly #names = new WeakMap<Datum, Partial<Record<Layout, string>>>();

  /**
   * @param backend Holds the tensors.
   * @param mappings Mappings of the kernels.
   * @param device The device that will run the graph. @default {any}
   */
  constructor(backend: TracingBackend, mappings: MappingTable, device?: OnnxDevice) {
    this.device = device;
    this.#backend = backend;
    this.#mappings = mappings;
  }

  /**
   * Runs a tfjs kernel: at once if all its inputs are constants, else by its mapping.
   *
   * @throws {UntraceableError} If it has no mapping.
   */
  run(kernel: string, inputs: KernelInputs, attributes: unknown = {}): TensorInfo | TensorInfo[] {
    const tensors = Object.values(inputs).filter((tensor) => tensor !== undefined && tensor !== null);
    if (tensors.every((tensor) => this.isConstant(tensor))) {
      return foldConstants(this.#backend, kernel, inputs, attributes);
    }
    const mapping = this.#mappings[kernel];
    if (mapping) return mapping(this, inputs as never, attributes as never);
    throw new UntraceableError(
      `onnx: the tfjs op ${kernel} has no mapping (called with ${tensors.map(describe).join(", ")}); ` +
        "compute it with the ops of docs/traceable-ops.md, or choose another `backend`",
    );
  }

  /** {@linkcode run} for a kernel with one output. */
  run1(kernel: string, inputs: KernelInputs, attributes: unknown = {}): TensorInfo {
    return this.run(kernel, inputs, attributes) as TensorInfo;
  }

  /** Returns whether a tensor is a constant. */
  isConstant(tensor: TensorInfo): boolean {
    return this.#backend.datum(tensor).values !== undefined;
  }

  /** Returns another tensor for the same value. */
  alias(tensor: TensorInfo): TensorInfo {
    this.#backend.incRef(tensor.dataId);
    return { ...tensor };
  }

  /** Returns the tensor of the value `name`, whose axes are in `layout`; `shape` is that of the tfjs tensor. */
  result(name: string, shape: Shape, dtype: ElementType, layout: Layout = "plain"): TensorInfo {
    const tensor = this.#backend.placeholder(shape, dtype);
    this.#names.set(this.#backend.datum(tensor), { [layout]: name });
    return tensor;
  }

  /** Returns the name of a tensor in the graph, in the given layout. */
  operand(tensor: TensorInfo, layout: Layout = "plain"): string {
    const datum = this.#backend.datum(tensor);
    const names = this.#names.get(datum) ?? {};
    this.#names.set(datum, names);
    return names[layout] ??= datum.values ? this.#constant(datum, layout) : this.#transposed(datum, names, layout);
  }

  #constant({ values, shape, dtype }: Datum, layout: Layout): string {
    const ordered = () => layout === "plain" ? values! : permute(values!, shape, LAYOUTS[layout]);
    return this.writer.constant(ordered, inLayout(shape, layout), dtype);
  }

  #transposed({ shape }: Datum, names: Partial<Record<Layout, string>>, layout: Layout): string {
    const [from, name] = Object.entries(names)[0] as [Layout, string];
    return this.writer.transpose(name, inLayout(shape, from), permutation(from, layout));
  }

  /** Returns `nchw` if one of the tensors has that layout, so that it need not be transposed; else `plain`. */
  layoutOf(...tensors: readonly TensorInfo[]): Layout {
    const isNchw = (tensor: TensorInfo) => {
      const datum = this.#backend.datum(tensor);
      return !datum.values && datum.shape.length === 4 && this.#names.get(datum)?.nchw !== undefined;
    };
    return tensors.some(isNchw) ? "nchw" : "plain";
  }

  /** Returns the name of a tensor that is broadcast to rank-4 tensors of a layout. */
  broadcast(tensor: TensorInfo, layout: Layout): string {
    const rank = tensor.shape.length;
    if (layout === "plain" || rank === 4) return this.operand(tensor, layout);
    if (util.sizeFromShape(tensor.shape) === 1) return this.operand(tensor);
    return this.operand(this.reshape(tensor, [...Array(4 - rank).fill(1), ...tensor.shape]), layout);
  }

  /** Returns the same values in another shape. */
  reshape(tensor: TensorInfo, shape: Shape): TensorInfo {
    if (this.isConstant(tensor)) return this.run1("Reshape", { x: tensor }, { shape });
    const name = this.writer.emit("Reshape", [this.operand(tensor), this.writer.ints(shape)]);
    return this.result(name, shape, tensor.dtype as ElementType);
  }
}
