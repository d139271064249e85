import type { TensorInfo } from "@tensorflow/tfjs-core";
import { warpStride } from "@slomo/ops";
import type { GraphWriter } from "../graph/graph_writer.ts";
import type { Shape4D } from "./convolution.ts";
import type { Mapping, MappingTable } from "../trace/tracing.ts";

/** Position of an axis in NCHW. */
const AXES = { height: 2, width: 3 } as const;

/** Constants that turn a position along an axis into a coordinate of `GridSample`. */
interface Axis {
  /** Position of the last pixel. */
  readonly last: string;
  /** Factor of a position. */
  readonly factor: string;
  /** Summand after it. */
  readonly offset: string;
}

/**
 * Returns the constants of an axis of `value` (NCHW): the coordinate of position p of W is (2p + 1) / W − 1. The graph
 * computes them from the length of the value, so that it fits any size; onnxruntime folds them if the length is fixed.
 */
function axisOf(writer: GraphWriter, value: string, axis: keyof typeof AXES): Axis {
  const named = (quantity: string, make: () => string) => writer.shared(`${quantity} of ${axis} of ${value}`, make);
  const length = named("length", () => {
    const shape = writer.shared(`shape of ${value}`, () => writer.emit("Shape", [value]));
    return writer.emit("Cast", [writer.emit("Gather", [shape, writer.ints([AXES[axis]])])], { to: 1 });
  });
  const one = writer.scalar(1);
  return {
    last: named("last position", () => writer.emit("Sub", [length, one])),
    factor: named("factor", () => writer.emit("Div", [writer.scalar(2), length])),
    offset: named("offset", () => writer.emit("Sub", [writer.emit("Div", [one, length]), one])),
  };
}

/** Returns the centers of each `stride` pixels along an axis of `value`. */
function positionsOf(writer: GraphWriter, value: string, axis: keyof typeof AXES, stride: number): string {
  return writer.shared(`positions of ${axis} of ${value}, ${stride}`, () => {
    const shape = writer.shared(`shape of ${value}`, () => writer.emit("Shape", [value]));
    const length = writer.emit("Gather", [shape, writer.int(AXES[axis])]);
    const positions = writer.emit("Range", [writer.int(0), length, writer.int(1)]);
    const dims = writer.ints(axis === "height" ? [1, 1, -1, 1] : [1, 1, 1, -1]);
    const pixels = writer.emit("Reshape", [writer.emit("Cast", [positions], { to: 1 }), dims]);
    if (stride === 1) return pixels;
    return writer.emit("Add", [writer.emit("Mul", [pixels, writer.scalar(stride)]), writer.scalar((stride - 1) / 2)]);
  });
}

/**
 * `out[y, x] = image[y + flow.y, x + flow.x]`, bilinear, or centers of s×s pixels in place of y and x. Positions are clamped to the image here and not by
 * `padding_mode: "border"`: onnxruntime computes the mode "zeros" without aligned corners two and a half times as fast.
 */
const backwardWarp: Mapping<"image" | "flow"> = (g, inputs: { image: TensorInfo; flow: TensorInfo }) => {
  const { image, flow } = inputs, { writer } = g;
  const [n, height, width] = flow.shape as Shape4D, [imageBatch, , , channels] = image.shape as Shape4D;
  const stride = warpStride(image.shape, flow.shape),
    source = g.operand(image, "nchw"),
    offsets = g.operand(flow, "nchw");
  const parts = writer.emitMany("Split", [offsets, writer.ints([1, 1])], 2, { axis: 1 });
  const grid = (["width", "height"] as const).map((axis, i) => {
    const position = writer.emit("Add", [parts[i]!, positionsOf(writer, offsets, axis, stride)]);
    const { last, factor, offset } = axisOf(writer, source, axis);
    const inside = writer.emit("Min", [writer.emit("Max", [position, writer.scalar(0)]), last]);
    return writer.emit("Add", [writer.emit("Mul", [inside, factor]), offset]);
  });
  const coordinates = writer.transpose(writer.emit("Concat", grid, { axis: 1 }), [n, 2, height, width], [0, 2, 3, 1]);
  const images = imageBatch === n ? source : writer.emit("Expand", [source, writer.ints([n, 1, 1, 1])]);
  const value = writer.emit("GridSample", [images, coordinates], {
    mode: "bilinear",
    padding_mode: "zeros",
    align_corners: 0,
  });
  return g.result(value, [n, height, width, channels], "float32", "nchw");
};

/** The op of `@slomo/ops`. */
export const warps: MappingTable = { BackwardWarp: backwardWarp };
