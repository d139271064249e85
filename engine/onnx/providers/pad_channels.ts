import { create } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as OnnxType,
} from "@slomo/weights/onnx";
import { floatsOf, initializer, replaceNodes } from "./initializers.ts";

/** The WebGPU provider reads channels in groups of this. */
const GROUP = 4;

/** Returns the weights of a convolution, [O, I, H, W], under a name, with zeros for `missing` more input channels. */
function paddedWeights(name: string, tensor: TensorProto, dims: readonly number[], missing: number): TensorProto {
  const [outputs, inputs, height, width] = dims as [number, number, number, number];
  const values = floatsOf(tensor), area = height * width, length = (inputs + missing) * area;
  const result = new Float32Array(outputs * length);
  for (let o = 0; o < outputs; o++) result.set(values.subarray(o * inputs * area, (o + 1) * inputs * area), o * length);
  return initializer(name, [outputs, inputs + missing, height, width], result);
}

const isConvolution = ({ opType, attribute }: NodeProto) =>
  opType === "Conv" && attribute.every(({ name, i }) => name !== "group" || i === 1n);

/**
 * Pads the input channels of convolutions with zeros to a multiple of 4, in place. onnxruntime's WebGPU provider computes
 * convolutions with 6 or 9 input channels wrong (onnxruntime #29651); with multiples of 4 it computes all correctly.
 */
export function padChannels(graph: GraphProto): void {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const padded = new Set<string>(), nodes: NodeProto[] = [];
  for (const node of graph.node) {
    const [input, weight] = node.input as [string, string], tensor = constants.get(weight);
    const dims = tensor?.dims.map(Number) ?? [], missing = (GROUP - (dims[1] ?? 0) % GROUP) % GROUP;
    if (isConvolution(node) && dims.length === 4 && missing > 0 && tensor!.dataType === OnnxType.FLOAT) {
      const wide = `${weight}_padded`, key = `${input}_padded_${missing}`;
      if (!constants.has(wide)) constants.set(wide, paddedWeights(wide, tensor!, dims, missing));
      if (!padded.has(key)) {
        const pads = `${key}_pads`;
        constants.set(pads, initializer(pads, [8], BigInt64Array.of(0n, 0n, 0n, 0n, 0n, BigInt(missing), 0n, 0n)));
        nodes.push(create(NodeProtoSchema, { opType: "Pad", name: key, input: [input, pads], output: [key] }));
        padded.add(key);
      }
      node.input = [key, wide, ...node.input.slice(2)];
    }
    nodes.push(node);
  }
  replaceNodes(graph, nodes, constants.values());
}
