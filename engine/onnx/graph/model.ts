import { create, toBinary } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TypeProto_TensorSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "@slomo/weights/onnx";
import { type ElementType, ONNX_TYPES } from "./data_types.ts";
import { bytesOf, halved, type Stored } from "./halves.ts";
import type { Constant, GraphWriter } from "./graph_writer.ts";

/** Operators' version: the first with all that the mappings use. */
const OPSET = 18n;

/** Version of the file format that goes with it. */
const IR_VERSION = 8n;

/** A tensor that goes into a graph or comes out of it. */
export interface GraphValue {
  /** Its name. */
  readonly name: string;
  /** Lengths along its axes, in the order of the graph; a word stands for a length that is free. */
  readonly dims: readonly (number | string)[];
  /** What it holds. */
  readonly type: ElementType;
}

/** What a model says of itself, and how it is written. */
export interface ModelFacts {
  /** What it is, in a sentence or more. */
  readonly description?: string | undefined;
  /** Version of slomo that wrote it. */
  readonly version?: string | undefined;
  /** Anything else, by name. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Whether large constants that lose nothing by it are stored in 16 bits, to be widened by who reads them. @default {false} */
  readonly halve?: boolean | undefined;
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

/** Writes the part of a graph that `outputs` come from as an ONNX model. */
export function writeModel(
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
