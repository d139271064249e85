import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as OnnxType,
} from "@slomo/weights/onnx";
import { ARRAYS, type ElementType, ONNX_TYPES, type Shape, type Values } from "./values.ts";

/** Value of a node's attribute. A plain number is an integer, because ONNX distinguishes 1 from 1.0. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** Attributes of a node by name. */
export type NodeAttributes = Readonly<Record<string, AttributeValue>>;

/** Converts an attribute to protobuf. */
export function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  }
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  if ("float" in value) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(BigInt) });
}

/** A constant of a graph. */
export interface Constant {
  /** Name of the value. */
  readonly name: string;
  /** Lengths of the axes. */
  readonly dims: Shape;
  /** Data type. */
  readonly type: OnnxType;
  /** Creates the values, which may be large. */
  readonly values: () => Values | BigInt64Array;
}

/** Collects the nodes and constants of an ONNX graph, and names their values. */
export class GraphWriter {
  readonly #nodes: NodeProto[] = [];
  readonly #constants = new Map<string, Constant>();
  readonly #shared = new Map<string, string>();
  #count = 0;

  #name(word: string): string {
    return `${word}_${this.#count++}`;
  }

  /** Adds a node with one output and returns the name of the output. The name of an omitted input is `""`. */
  emit(op: string, inputs: readonly string[], attributes: NodeAttributes = {}): string {
    return this.emitMany(op, inputs, 1, attributes)[0]!;
  }

  /** Adds a node and returns the names of its `count` outputs. */
  emitMany(op: string, inputs: readonly string[], count: number, attributes: NodeAttributes = {}): string[] {
    const name = this.#name(op);
    const output = Array.from({ length: count }, (_, i) => count === 1 ? name : `${name}_${i}`);
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.#nodes.push(create(NodeProtoSchema, { opType: op, name, input: [...inputs], output, attribute }));
    return output;
  }

  /** Adds a node that renames `value` to `name`. */
  rename(value: string, name: string): void {
    this.#nodes.push(create(NodeProtoSchema, { opType: "Identity", name, input: [value], output: [name] }));
  }

  /** Adds a constant. `values` is called when the graph is encoded, if the constant is needed. */
  constant(values: () => Values, dims: Shape, type: ElementType): string {
    const name = this.#name("constant");
    this.#constants.set(name, { name, dims, type: ONNX_TYPES[type], values });
    return name;
  }

  /** Returns the result of the first call of `make` for `key`, so that constants and nodes are shared. */
  shared(key: string, make: () => string): string {
    let name = this.#shared.get(key);
    if (name === undefined) this.#shared.set(key, name = make());
    return name;
  }

  /** Returns a list of int64, the type of shapes and axes in ONNX. */
  ints(values: Shape): string {
    return this.shared(`ints ${values}`, () => this.#int64(values, [values.length]));
  }

  /** Returns an int64 scalar. */
  int(value: number): string {
    return this.shared(`int ${value}`, () => this.#int64([value], []));
  }

  #int64(values: Shape, dims: Shape): string {
    const name = this.#name("constant");
    const listed = () => BigInt64Array.from(values, (value) => BigInt(value));
    this.#constants.set(name, { name, dims, type: OnnxType.INT64, values: listed });
    return name;
  }

  /** Returns a scalar. */
  scalar(value: number, type: ElementType = "float32"): string {
    return this.shared(`${type} ${value}`, () => {
      const values = ARRAYS[type].of(value);
      return this.constant(() => values, [], type);
    });
  }

  /** Returns a list of float32. */
  floats(values: Shape, dims: Shape = [values.length]): string {
    return this.shared(
      `floats ${dims} ${values}`,
      () => this.constant(() => Float32Array.from(values), dims, "float32"),
    );
  }

  /** Permutes the axes of a value, by a `Reshape` or no node at all if the order of its elements stays the same. */
  transpose(value: string, shape: Shape, perm: Shape): string {
    const moving = perm.filter((axis) => shape[axis] !== 1);
    if (moving.some((axis, i) => i > 0 && axis < moving[i - 1]!)) return this.emit("Transpose", [value], { perm });
    return perm.every((axis, i) => shape[axis] === shape[i])
      ? value
      : this.emit("Reshape", [value, this.ints(perm.map((axis) => shape[axis]!))]);
  }

  /** Returns the nodes that compute the named values, in order, and the constants that these need. */
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
