import { create } from "@bufbuild/protobuf";
import { type NodeProto, NodeProtoSchema, TensorProto_DataType as OnnxType } from "@slomo/weights/onnx";
import { attributeProto, type NodeAttributes } from "./attributes.ts";
import { ARRAYS, type ElementType, ONNX_TYPES } from "./data_types.ts";
import type { Shape, Values } from "./layout.ts";

/** A constant of a graph. */
export interface Constant {
  /** Name of its value. */
  readonly name: string;
  /** Lengths along its axes. */
  readonly dims: Shape;
  /** What it holds. */
  readonly type: OnnxType;
  /** Makes its numbers, which may be many. */
  readonly values: () => Values | BigInt64Array;
}

/** Collects the nodes and constants of an ONNX graph. Values are known by their names, which it gives. */
export class GraphWriter {
  readonly #nodes: NodeProto[] = [];
  readonly #constants = new Map<string, Constant>();
  readonly #shared = new Map<string, string>();
  #count = 0;

  #name(word: string): string {
    return `${word}_${this.#count++}`;
  }

  /** Adds a node with one output, and returns that output's name. An input that is left out is `""`. */
  emit(op: string, inputs: readonly string[], attributes: NodeAttributes = {}): string {
    return this.emitMany(op, inputs, 1, attributes)[0]!;
  }

  /** Adds a node, and returns the names of its `count` outputs. */
  emitMany(op: string, inputs: readonly string[], count: number, attributes: NodeAttributes = {}): string[] {
    const name = this.#name(op);
    const output = Array.from({ length: count }, (_, i) => count === 1 ? name : `${name}_${i}`);
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.#nodes.push(create(NodeProtoSchema, { opType: op, name, input: [...inputs], output, attribute }));
    return output;
  }

  /** Adds a node that gives `value` the name `name`. */
  rename(value: string, name: string): void {
    this.#nodes.push(create(NodeProtoSchema, { opType: "Identity", name, input: [value], output: [name] }));
  }

  /** Adds a constant. `values` is called when the graph is written, if it is needed there. */
  constant(values: () => Values, dims: Shape, type: ElementType): string {
    const name = this.#name("constant");
    this.#constants.set(name, { name, dims, type: ONNX_TYPES[type], values });
    return name;
  }

  /** What `make` returned when `key` was first asked for: for constants and nodes that many places need. */
  shared(key: string, make: () => string): string {
    let name = this.#shared.get(key);
    if (name === undefined) this.#shared.set(key, name = make());
    return name;
  }

  /** A list of int64, as ONNX wants shapes and axes. */
  ints(values: Shape): string {
    return this.shared(`ints ${values}`, () => this.#int64(values, [values.length]));
  }

  /** One int64 without axes. */
  int(value: number): string {
    return this.shared(`int ${value}`, () => this.#int64([value], []));
  }

  #int64(values: Shape, dims: Shape): string {
    const name = this.#name("constant");
    const listed = () => BigInt64Array.from(values, (value) => BigInt(value));
    this.#constants.set(name, { name, dims, type: OnnxType.INT64, values: listed });
    return name;
  }

  /** One number without axes. */
  scalar(value: number, type: ElementType = "float32"): string {
    return this.shared(`${type} ${value}`, () => {
      const values = ARRAYS[type].of(value);
      return this.constant(() => values, [], type);
    });
  }

  /** A list of float32. */
  floats(values: Shape, dims: Shape = [values.length]): string {
    return this.shared(
      `floats ${dims} ${values}`,
      () => this.constant(() => Float32Array.from(values), dims, "float32"),
    );
  }

  /** A value with its axes in another order; a `Reshape` or nothing at all where no number has to move. */
  transpose(value: string, shape: Shape, perm: Shape): string {
    const moving = perm.filter((axis) => shape[axis] !== 1);
    if (moving.some((axis, i) => i > 0 && axis < moving[i - 1]!)) return this.emit("Transpose", [value], { perm });
    return perm.every((axis, i) => shape[axis] === shape[i])
      ? value
      : this.emit("Reshape", [value, this.ints(perm.map((axis) => shape[axis]!))]);
  }

  /** The nodes that the named values come from, in order, and the constants that those need. */
  needed(outputs: readonly string[]): { readonly nodes: NodeProto[]; readonly constants: Constant[] } {
    const wanted = new Set(outputs);
    const nodes = this.#nodes.toReversed().filter(({ input, output }) => {
      const isNeeded = output.some((name) => wanted.has(name));
      if (isNeeded) input.forEach((name) => wanted.add(name));
      return isNeeded;
    }).reverse();
    return { nodes, constants: [...this.#constants.values()].filter(({ name }) => wanted.has(name)) };
  }
}
