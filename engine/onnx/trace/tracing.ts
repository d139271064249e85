import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { ElementType } from "../graph/data_types.ts";
import { GraphWriter } from "../graph/graph_writer.ts";
import { inLayout, type Layout, LAYOUTS, permutation, permute, type Shape } from "../graph/layout.ts";
import { foldConstants } from "./fold.ts";
import { type Datum, describe, type KernelInputs, type TracingBackend } from "./tracing_backend.ts";
import { UntraceableError } from "./untraceable.ts";

/**
 * Writes a tfjs kernel into the graph under way: takes the kernel's inputs, of which at least one is not known yet, and its
 * attributes, and returns its outputs.
 */
export type Mapping<I extends string, A = unknown> = (
  g: Tracing,
  inputs: Readonly<Record<I, TensorInfo>>,
  attributes: A,
) => TensorInfo | TensorInfo[];

/** Mappings by the names of kernels; each is called with what its kernel is called with. */
export type MappingTable = Readonly<
  Record<string, (g: Tracing, inputs: never, attributes: never) => TensorInfo | TensorInfo[]>
>;

/** One graph while it is recorded. A value has a name for each layout that a node has asked for, made once. */
export class Tracing {
  /** Takes the nodes. */
  readonly writer: GraphWriter = new GraphWriter();

  readonly #backend: TracingBackend;
  readonly #mappings: MappingTable;
  readonly #names = new WeakMap<Datum, Partial<Record<Layout, string>>>();

  /**
   * @param backend Holds the tensors.
   * @param mappings How kernels are written.
   */
  constructor(backend: TracingBackend, mappings: MappingTable) {
    this.#backend = backend;
    this.#mappings = mappings;
  }

  /**
   * Runs a tfjs kernel: at once where all its inputs are known, else by its mapping.
   *
   * @throws {UntraceableError} If it has no mapping.
   */
  run(kernel: string, inputs: KernelInputs, attributes: unknown = {}): TensorInfo | TensorInfo[] {
    const tensors = Object.values(inputs).filter((tensor) => tensor !== undefined && tensor !== null);
    if (tensors.every((tensor) => this.isKnown(tensor))) {
      return foldConstants(this.#backend, kernel, inputs, attributes);
    }
    const mapping = this.#mappings[kernel];
    if (mapping) return mapping(this, inputs as never, attributes as never);
    throw new UntraceableError(
      `onnx: the tfjs op ${kernel} has no mapping (called with ${tensors.map(describe).join(", ")}); ` +
        "compute it by other ops, or take another --backend",
    );
  }

  /** {@linkcode run} for a kernel with one output. */
  run1(kernel: string, inputs: KernelInputs, attributes: unknown = {}): TensorInfo {
    return this.run(kernel, inputs, attributes) as TensorInfo;
  }

  /** Whether the numbers of a tensor are constants. */
  isKnown(tensor: TensorInfo): boolean {
    return this.#backend.datum(tensor).values !== undefined;
  }

  /** A second tensor for the same value. */
  alias(tensor: TensorInfo): TensorInfo {
    this.#backend.incRef(tensor.dataId);
    return { ...tensor };
  }

  /** The tensor of the value that the graph names `name`, which has its axes in `layout`; `shape` is tfjs's. */
  result(name: string, shape: Shape, dtype: ElementType, layout: Layout = "plain"): TensorInfo {
    const tensor = this.#backend.placeholder(shape, dtype);
    this.#names.set(this.#backend.datum(tensor), { [layout]: name });
    return tensor;
  }

  /** The name of a tensor in the graph, in the layout asked for. */
  operand(tensor: TensorInfo, layout: Layout = "plain"): string {
    const datum = this.#backend.datum(tensor);
    const names = this.#names.get(datum) ?? {};
    this.#names.set(datum, names);
    return names[layout] ??= datum.values ? this.#constant(datum, layout) : this.#moved(datum, names, layout);
  }

  #constant({ values, shape, dtype }: Datum, layout: Layout): string {
    const inPlace = () => layout === "plain" ? values! : permute(values!, shape, LAYOUTS[layout]);
    return this.writer.constant(inPlace, inLayout(shape, layout), dtype);
  }

  #moved({ shape }: Datum, names: Partial<Record<Layout, string>>, layout: Layout): string {
    const [from, name] = Object.entries(names)[0] as [Layout, string];
    return this.writer.transpose(name, inLayout(shape, from), permutation(from, layout));
  }

  /** `nchw` if one of the tensors lies so, which then need not be moved; else `plain`. */
  layoutOf(...tensors: readonly TensorInfo[]): Layout {
    const isNchw = (tensor: TensorInfo) => {
      const datum = this.#backend.datum(tensor);
      return !datum.values && datum.shape.length === 4 && this.#names.get(datum)?.nchw !== undefined;
    };
    return tensors.some(isNchw) ? "nchw" : "plain";
  }

  /** The name of a tensor that spreads over rank-4 tensors of a layout. */
  spread(tensor: TensorInfo, layout: Layout): string {
    const rank = tensor.shape.length;
    if (layout === "plain" || rank === 4) return this.operand(tensor, layout);
    if (util.sizeFromShape(tensor.shape) === 1) return this.operand(tensor);
    return this.operand(this.reshape(tensor, [...Array(4 - rank).fill(1), ...tensor.shape]), layout);
  }

  /** The same numbers in another shape. */
  reshape(tensor: TensorInfo, shape: Shape): TensorInfo {
    if (this.isKnown(tensor)) return this.run1("Reshape", { x: tensor }, { shape });
    const name = this.writer.emit("Reshape", [this.operand(tensor), this.writer.ints(shape)]);
    return this.result(name, shape, tensor.dtype as ElementType);
  }
}
