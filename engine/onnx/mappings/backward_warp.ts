import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { GraphWriter } from "../graph/graph_writer.ts";
import type { Shape4D } from "./convolution.ts";
import type { Mapping, MappingTable } from "../trace/tracing.ts";

/** Position of an axis in NCHW. */
const AXES = { height: 2, width: 3 } as const;

/**
 * What turns a place in pixels along an axis of `value` (NCHW) into ONNX's coordinates, −1 the first pixel and 1 the last:
 * a factor, and a row or column of places. Read off the value's own length, so that the graph is not tied to it; onnxruntime
 * makes constants of it where the length is fixed.
 */
function scaleOf(writer: GraphWriter, value: string, axis: keyof typeof AXES): string {
  return writer.shared(`scale of ${axis} of ${value}`, () => {
    const index = writer.ints([AXES[axis]]);
    const length = writer.emit("Gather", [
      writer.shared(`shape of ${value}`, () => writer.emit("Shape", [value])),
      index,
    ]);
    const gaps = writer.emit("Max", [writer.emit("Sub", [length, writer.ints([1])]), writer.ints([1])]);
    return writer.emit("Div", [writer.scalar(2), writer.emit("Cast", [gaps], { to: 1 })]);
  });
}

function placesOf(writer: GraphWriter, value: string, axis: keyof typeof AXES): string {
  return writer.shared(`places of ${axis} of ${value}`, () => {
    const shape = writer.shared(`shape of ${value}`, () => writer.emit("Shape", [value]));
    const length = writer.emit("Gather", [shape, writer.int(AXES[axis])]);
    const places = writer.emit("Range", [writer.int(0), length, writer.int(1)]);
    const dims = writer.ints(axis === "height" ? [1, 1, -1, 1] : [1, 1, 1, -1]);
    return writer.emit("Reshape", [writer.emit("Cast", [places], { to: 1 }), dims]);
  });
}

/** `out[y, x] = image[y + flow.y, x + flow.x]`, bilinear, places held within the picture. */
const backwardWarp: Mapping<"image" | "flow"> = (g, inputs: { image: TensorInfo; flow: TensorInfo }) => {
  const { image, flow } = inputs, { writer } = g;
  const [n, height, width] = flow.shape as Shape4D, [imageBatch, , , channels] = image.shape as Shape4D;
  const source = g.operand(image, "nchw"), motion = g.operand(flow, "nchw");
  const parts = writer.emitMany("Split", [motion, writer.ints([1, 1])], 2, { axis: 1 });
  const grid = (["width", "height"] as const).map((axis, i) => {
    const place = writer.emit("Add", [parts[i]!, placesOf(writer, motion, axis)]);
    const scaled = writer.emit("Mul", [place, scaleOf(writer, source, axis)]);
    return writer.emit("Sub", [scaled, writer.scalar(1)]);
  });
  const coordinates = writer.transpose(writer.emit("Concat", grid, { axis: 1 }), [n, 2, height, width], [0, 2, 3, 1]);
  const images = imageBatch === n ? source : writer.emit("Expand", [source, writer.ints([n, 1, 1, 1])]);
  const value = writer.emit("GridSample", [images, coordinates], {
    mode: "bilinear",
    padding_mode: "border",
    align_corners: 1,
  });
  return g.result(value, [n, height, width, channels], "float32", "nchw");
};

/** slomo's own op. */
export const warps: MappingTable = { BackwardWarp: backwardWarp };
