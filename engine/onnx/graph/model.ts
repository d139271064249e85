import { create, toBinary } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataType as OnnxType,
  TensorProtoSchema,
  TypeProto_TensorSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "@slomo/weights/onnx";
import { attributeProto, type Constant, type GraphWriter } from "./graph_writer.ts";
import { type ElementType, ONNX_TYPES } from "./values.ts";

/** Version of the operator set: the first with all operators of the mappings. */
const OPSET = 18n;

/** Version of the file format that belongs to it. */
const IR_VERSION = 8n;

/** An input or output of a graph. */
export interface GraphValue {
  /** Name of the value. */
  readonly name: string;
  /** Lengths of the axes in the order of the graph; a variable length is a name. */
  readonly dims: readonly (number | string)[];
  /** Data type. */
  readonly type: ElementType;
}

/** Description of a model in its file, and how it is stored. */
export interface ModelFacts {
  /** Description in one sentence or more. */
  readonly description?: string | undefined;
  /** Version of slomo that wrote it. */
  readonly version?: string | undefined;
  /** Other metadata by key. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Whether large constants are stored in 16 bits if no value changes. @default {false} */
  readonly halve?: boolean | undefined;
}

/** Inputs and outputs of a graph. */
export interface GraphSignature {
  /** Inputs in order. */
  readonly inputs: readonly GraphValue[];
  /** Outputs in order. */
  readonly outputs: readonly GraphValue[];
}

/** A graph that can be encoded. It holds no tensors. */
export interface Graph extends GraphSignature {
  /** Encodes it as an ONNX model, including the constants. */
  encode(facts?: ModelFacts): Uint8Array;
}

/** Smaller constants are not worth halving. */
const SMALLEST_HALVED = 1024;

/** Returns the bytes of an array. */
function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A constant in the file. */
interface Stored {
  /** Its values. */
  readonly tensor: TensorProto;
  /** The node that converts 16-bit values to float32. */
  readonly cast?: NodeProto | undefined;
}

/** Stores a constant in 16 bits; returns `undefined` if values would change or nothing is gained. */
function halved(constant: Constant): Stored | undefined {
  const { name, dims, type } = constant;
  if (type !== OnnxType.FLOAT || dims.reduce((a, b) => a * b, 1) < SMALLEST_HALVED) return undefined;
  const values = constant.values() as Float32Array, halves = new Float16Array(values);
  if (!sameValues(halves, values)) return undefined;
  const stored = `${name}_half`;
  return {
    tensor: create(TensorProtoSchema, {
      name: stored,
      dims: dims.map(BigInt),
      dataType: OnnxType.FLOAT16,
      rawData: bytesOf(halves),
    }),
    cast: create(NodeProtoSchema, {
      opType: "Cast",
      name: `${name}_widened`,
      input: [stored],
      output: [name],
      attribute: [attributeProto("to", OnnxType.FLOAT)],
    }),
  };
}

function valueInfo({ name, dims, type }: GraphValue): ValueInfoProto {
  const dim = dims.map((length) => ({
    value: typeof length === "string"
      ? { case: "dimParam" as const, value: length }
      : { case: "dimValue" as const, value: BigInt(length) },
  }));
  const tensor = create(TypeProto_TensorSchema, { elemType: ONNX_TYPES[type], shape: { dim } });
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value: tensor } } });
}

function entries(metadata: Readonly<Record<string, string>>): StringStringEntryProto[] {
  return Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
}

function tensorProto({ name, dims, type, values }: Constant): TensorProto {
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType: type, rawData: bytesOf(values()) });
}

/** Encodes the part of a graph that computes `outputs` as an ONNX model. */
export function encodeModel(
  writer: GraphWriter,
  inputs: readonly GraphValue[],
  outputs: readonly GraphValue[],
  { description, version, metadata, halve }: ModelFacts = {},
): Uint8Array {
  const { nodes, constants } = writer.needed(outputs.map(({ name }) => name));
  const stored = constants.map((constant): Stored => halve && halved(constant) || { tensor: tensorProto(constant) });
  const graph = create(GraphProtoSchema, {
    name: "slomo",
    node: [...stored.flatMap(({ cast }) => cast ?? []), ...nodes],
    initializer: stored.map(({ tensor }) => tensor),
    input: inputs.map(valueInfo),
    output: outputs.map(valueInfo),
  });
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: "", version: OPSET }],
    producerName: "slomo",
    ...version !== undefined && { producerVersion: version },
    ...description !== undefined && { docString: description },
    metadataProps: entries(metadata ?? {}),
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

function sameValues(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  if ((a.byteOffset | b.byteOffset | a.length) % 4 !== 0) return sameValues(a, b);
  const words = ({ buffer, byteOffset, length }: Uint8Array) => new Uint32Array(buffer, byteOffset, length / 4);
  return sameValues(words(a), words(b));
}

function sameConstant(a: Constant, b: Constant | undefined): boolean {
  return b !== undefined && a.name === b.name && a.dims.join() === b.dims.join() &&
    sameBytes(bytesOf(a.values()), bytesOf(b.values()));
}

/**
 * Compares the nodes and constants that two graphs compute `outputs` with.
 *
 * @returns The operator of the first node that differs, or that reads a constant that differs; `undefined` if the graphs
 * are the same, so that the traced size made no difference.
 */
export function firstDifference(a: GraphWriter, b: GraphWriter, outputs: readonly string[]): string | undefined {
  const one = a.needed(outputs), other = b.needed(outputs);
  const constants = new Map(other.constants.map((constant) => [constant.name, constant]));
  const differing = new Set(
    one.constants.filter((constant) => !sameConstant(constant, constants.get(constant.name))).map(({ name }) => name),
  );
  const node = one.nodes.find((node, i) =>
    other.nodes[i] === undefined || node.input.some((name) => differing.has(name)) ||
    !sameBytes(toBinary(NodeProtoSchema, node), toBinary(NodeProtoSchema, other.nodes[i]))
  );
  if (node !== undefined) return node.opType;
  return other.nodes[one.nodes.length]?.opType;
}
