/** The page of ops that graph runtimes can trace, `docs/traceable-ops.md`, which `deno task schema` writes from the mappings. */
import { MAPPINGS_BY_KIND } from "../../engine/onnx/mappings/mod.ts";

/** tfjs functions of kernels whose names differ. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  BackwardWarp: "ops.backwardWarp",
  BatchMatMul: "matMul",
  Conv2D: "conv2d",
  Conv2DBackpropInput: "conv2dTranspose",
  DepthwiseConv2dNative: "depthwiseConv2d",
  FusedBatchNorm: "batchNorm",
  FusedConv2D: "fused.conv2d",
  FusedDepthwiseConv2D: "fused.depthwiseConv2d",
  GatherV2: "gather",
  Identity: "clone",
  IsNan: "isNaN",
  Multiply: "mul",
  Pack: "stack",
  PadV2: "pad",
  RealDiv: "div",
  ResizeBilinear: "image.resizeBilinear",
  ResizeNearestNeighbor: "image.resizeNearestNeighbor",
  Select: "where",
  SplitV: "split",
  Subtract: "sub",
  Unpack: "unstack",
  _FusedMatMul: "fused.matMul",
};

/** Returns the name of the function of a kernel: of tfjs, or with `ops.` of `@slomo/ops`. */
export function functionOf(kernel: string): string {
  return FUNCTIONS[kernel] ?? kernel.charAt(0).toLowerCase() + kernel.slice(1);
}

/** Returns the page. */
export function traceablePage(): string {
  const rows = Object.entries(MAPPINGS_BY_KIND).map(([kind, table]) => {
    const functions = [...new Set(Object.keys(table).map(functionOf))].sort();
    return `| ${kind} | ${functions.map((name) => `\`${name}\``).join(", ")} |`;
  });
  return [
    "# Ops that can be traced",
    "",
    "The graph runtime `onnx` and `deno task export` trace networks that use these functions of tfjs only; " +
    "`ops.` are those of `@slomo/ops`. Functions that tfjs composes of them can be traced too. `deno task schema` writes this " +
    "page from the mappings in `engine/onnx/mappings/`.",
    "",
    "| kind | functions |",
    "| ---- | --------- |",
    ...rows,
    "",
    "- Tensors are `float32`, `int32` or `bool`.",
    "- Values that depend on the frames cannot be read while the network runs (`dataSync()`), so that they cannot decide " +
    "its control flow. Sizes and shapes can.",
    "- A network that uses other ops runs on the other backends. Its part states the reason in `untraceable`; the " +
    "conformance kit then leaves out the case `traces`.",
    "- A model of any size must compute the same graph at all multiples of some power of two; the error of " +
    "`deno task export` names the first node that differs.",
    "",
  ].join("\n");
}
