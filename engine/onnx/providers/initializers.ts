import { create } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as OnnxType,
  TensorProtoSchema,
} from "@slomo/weights/onnx";

/** Returns the values of a float32 constant, as a copy. */
export function floatsOf({ rawData }: TensorProto): Float32Array<ArrayBuffer> {
  return new Float32Array(rawData.slice().buffer);
}

/** Replaces the nodes of a graph, and keeps the constants that they use. */
export function replaceNodes(graph: GraphProto, nodes: NodeProto[], constants: Iterable<TensorProto>): void {
  const used = new Set(nodes.flatMap(({ input }) => input));
  graph.node = nodes;
  graph.initializer = [...constants].filter(({ name }) => used.has(name));
}

/** Creates a constant. */
export function initializer(
  name: string,
  dims: readonly number[],
  values: Float32Array | Float16Array | BigInt64Array,
): TensorProto {
  const dataType = values instanceof Float32Array
    ? OnnxType.FLOAT
    : values instanceof Float16Array
    ? OnnxType.FLOAT16
    : OnnxType.INT64;
  const rawData = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData });
}
