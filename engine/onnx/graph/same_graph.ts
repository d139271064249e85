import { toBinary } from "@bufbuild/protobuf";
import { NodeProtoSchema } from "@slomo/weights/onnx";
import type { Constant, GraphWriter } from "./graph_writer.ts";
import { bytesOf } from "./halves.ts";

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function sameConstant(a: Constant, b: Constant | undefined): boolean {
  return b !== undefined && a.name === b.name && a.dims.join() === b.dims.join() &&
    sameBytes(bytesOf(a.values()), bytesOf(b.values()));
}

/** Whether two graphs compute the same by the same nodes and constants, so that what they were recorded for made no difference. */
export function isSameGraph(a: GraphWriter, b: GraphWriter, outputs: readonly string[]): boolean {
  const one = a.needed(outputs), other = b.needed(outputs);
  if (one.nodes.length !== other.nodes.length || one.constants.length !== other.constants.length) return false;
  const isSameNode = (node: typeof one.nodes[number], i: number) =>
    sameBytes(toBinary(NodeProtoSchema, node), toBinary(NodeProtoSchema, other.nodes[i]!));
  return one.nodes.every(isSameNode) &&
    one.constants.every((constant, i) => sameConstant(constant, other.constants[i]));
}
