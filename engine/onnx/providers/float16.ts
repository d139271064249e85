import { create } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as OnnxType,
} from "@slomo/weights/onnx";
import { attributeProto } from "../graph/graph_writer.ts";
import { floatsOf, initializer, replaceNodes } from "./initializers.ts";

/** Nodes that take most of the time, and are computed in float16 with a result that may be converted. */
const HEAVY: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "MatMul", "Gemm"]);

/** Nodes that are computed in float16 between heavy ones: their results are no more precise than their inputs. */
const LIGHT: ReadonlySet<string> = new Set([
  ..."Add Sub Mul Div Neg Abs Max Min Sum Relu LeakyRelu PRelu Elu Selu Clip Sigmoid Tanh".split(" "),
  ..."AveragePool MaxPool Resize DepthToSpace Concat Split Slice Pad Reshape Transpose Expand Tile Identity".split(" "),
]);

/** Nodes whose results are no floating-point numbers. */
const OTHER_RESULTS: Readonly<Record<string, OnnxType>> = {
  ...Object.fromEntries("Shape Size ArgMax ArgMin NonZero".split(" ").map((op) => [op, OnnxType.INT64])),
  ...Object.fromEntries(
    "Equal Greater GreaterOrEqual Less LessOrEqual And Or Not IsNaN IsInf".split(" ").map((op) => [op, OnnxType.BOOL]),
  ),
};

/** Number of leading inputs of a node that have its own type; the others are shapes, axes or scales. */
const INPUTS: Readonly<Record<string, number>> = { Resize: 1, Slice: 1, Reshape: 1, Expand: 1, Tile: 1, Split: 1 };

/** Positions of the inputs of a node that are floating-point values. */
const floatInputs = ({ opType, input }: NodeProto): number[] =>
  [...input.keys()].filter((i) =>
    input[i] !== "" && i < (INPUTS[opType] ?? Infinity) && !(opType === "Pad" && i !== 0 && i !== 2)
  );

/** Returns the types of all values. */
function typesOf({ initializer, input, node }: GraphProto): Map<string, OnnxType> {
  const types = new Map<string, OnnxType>(initializer.map(({ name, dataType }) => [name, dataType]));
  for (const { name, type } of input) {
    if (type?.value.case === "tensorType") types.set(name, type.value.value.elemType);
  }
  for (const { opType, input, output, attribute } of node) {
    const to = opType === "Cast" ? Number(attribute.find(({ name }) => name === "to")!.i) : undefined;
    const type = to ?? OTHER_RESULTS[opType] ?? types.get(input[opType === "Where" ? 1 : 0]!)!;
    for (const name of output) types.set(name, type);
  }
  return types;
}

/**
 * Returns the nodes to compute in float16: heavy nodes, and light ones whose results only heavy nodes use. Everything that
 * leads to the coordinates and images of warps or to outputs without a heavy node between stays in float32: a float16 number
 * of pixels above 64 is off by up to 1/32.
 */
function nodesInHalf({ node, output }: GraphProto, types: ReadonlyMap<string, OnnxType>): Set<NodeProto> {
  const exact = new Set(output.map(({ name }) => name)), half = new Set<NodeProto>();
  for (const one of node.toReversed()) {
    const isFloat = types.get(one.output[0]!) === OnnxType.FLOAT;
    const isHeavy = isFloat && HEAVY.has(one.opType);
    if (isHeavy || isFloat && LIGHT.has(one.opType) && !one.output.some((name) => exact.has(name))) half.add(one);
    else one.input.forEach((name) => exact.add(name));
  }
  return half;
}

function cast(from: string, to: string, type: OnnxType): NodeProto {
  return create(NodeProtoSchema, {
    ...{ opType: "Cast", name: to, input: [from], output: [to] },
    attribute: [attributeProto("to", type)],
  });
}

function halved(tensor: TensorProto, name: string): TensorProto {
  return initializer(name, tensor.dims.map(Number), new Float16Array(floatsOf(tensor)));
}

/**
 * Converts a graph to float16, in place: the weights and computation of convolutions and what lies between them. Inputs,
 * outputs, flow, warps and the blending of frames stay in float32.
 */
export function toFloat16(graph: GraphProto): void {
  const types = typesOf(graph), half = nodesInHalf(graph, types);
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  /** Names of values in the other type, and of values that are computed in float16. */
  const converted = new Map<string, string>(), inHalf = new Set<string>(), nodes: NodeProto[] = [];

  /** Returns the name of a value in the wanted type. */
  function as(name: string, wantsHalf: boolean): string {
    if (types.get(name) !== OnnxType.FLOAT || inHalf.has(name) === wantsHalf) return name;
    const known = converted.get(name);
    if (known !== undefined) return known;
    const other = `${name}_${wantsHalf ? "half" : "float"}`, constant = constants.get(name);
    if (constant) constants.set(other, halved(constant, other));
    else nodes.push(cast(name, other, wantsHalf ? OnnxType.FLOAT16 : OnnxType.FLOAT));
    converted.set(name, other);
    return other;
  }

  for (const node of graph.node) {
    const isHalf = half.has(node), floats = new Set(floatInputs(node));
    node.input = node.input.map((name, i) => name === "" || isHalf && !floats.has(i) ? name : as(name, isHalf));
    if (isHalf) node.output.forEach((name) => inHalf.add(name));
    nodes.push(node);
  }
  replaceNodes(graph, nodes, constants.values());
}
