import { create } from "@bufbuild/protobuf";
import {
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as OnnxType,
  TensorProtoSchema,
} from "@slomo/weights/onnx";
import { attributeProto } from "./attributes.ts";
import type { Constant } from "./graph_writer.ts";

/** Below this many numbers there is nothing to gain. */
const FEWEST = 1024;

/** The memory of an array. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** How a constant is stored. */
export interface Stored {
  /** Its numbers. */
  readonly tensor: TensorProto;
  /** The node that widens them, where they are in 16 bits. */
  readonly cast?: NodeProto | undefined;
}

/** A constant in 16 bits and the node that widens it; `undefined` where numbers would be lost or it is not worth it. */
export function halved(constant: Constant): Stored | undefined {
  const { name, dims, type } = constant;
  if (type !== OnnxType.FLOAT || dims.reduce((a, b) => a * b, 1) < FEWEST) return undefined;
  const values = constant.values() as Float32Array, halves = new Float16Array(values);
  if (values.some((value, i) => halves[i] !== value)) return undefined;
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
