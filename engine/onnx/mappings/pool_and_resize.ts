import {
  type AvgPoolAttrs,
  backend_util,
  type DepthToSpaceAttrs,
  type ResizeBilinearAttrs,
  type ResizeNearestNeighborAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { NodeAttributes } from "../graph/graph_writer.ts";
import type { ElementType } from "../graph/values.ts";
import { requireNhwc, type Shape4D } from "./convolution.ts";
import type { Mapping, MappingTable, Tracing } from "../trace/tracing.ts";

const pool = (op: string): Mapping<"x", AvgPoolAttrs> => (g, { x }, { filterSize, strides, pad, dimRoundingMode }) => {
  const info = backend_util.computePool2DInfo(x.shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
  const { top, left, bottom, right } = info.padInfo;
  const value = g.writer.emit(op, [g.operand(x, "nchw")], {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
  });
  return g.result(value, info.outShape, x.dtype as ElementType, "nchw");
};

/** Resizes to `size`, by factors if they are integers or one over integers: the graph then fits any size and runs faster. */
function resize(g: Tracing, images: TensorInfo, size: readonly number[], attributes: NodeAttributes): TensorInfo {
  const [n, height, width, channels] = images.shape as Shape4D, [newHeight, newWidth] = size as [number, number];
  const factors = [1, 1, newHeight / height, newWidth / width];
  const target = factors.every((factor) => Number.isInteger(factor) || Number.isInteger(1 / factor))
    ? [g.writer.floats(factors)]
    : ["", g.writer.ints([n, channels, newHeight, newWidth])];
  const value = g.writer.emit("Resize", [g.operand(images, "nchw"), "", ...target], attributes);
  return g.result(value, [n, newHeight, newWidth, channels], "float32", "nchw");
}

const coordinatesOf = (alignCorners: boolean, halfPixelCenters: boolean) =>
  alignCorners ? "align_corners" : halfPixelCenters ? "half_pixel" : "asymmetric";

const resizeBilinear: Mapping<"images", ResizeBilinearAttrs> = (g, { images }, attributes) =>
  resize(g, images, attributes.size, {
    mode: "linear",
    coordinate_transformation_mode: coordinatesOf(attributes.alignCorners, attributes.halfPixelCenters),
  });

const resizeNearest: Mapping<"images", ResizeNearestNeighborAttrs> = (g, { images }, attributes) => {
  const { alignCorners, halfPixelCenters, size } = attributes;
  return resize(g, images, size, {
    mode: "nearest",
    coordinate_transformation_mode: coordinatesOf(alignCorners, halfPixelCenters),
    nearest_mode: alignCorners || halfPixelCenters ? "round_prefer_ceil" : "floor",
  });
};

/** Writes depth to space of `value`, NCHW, as two transposes: columns first, then rows. */
function interleave({ writer }: Tracing, value: string, [n, h, w, c]: Shape4D, block: number): string {
  const channels = c / block ** 2,
    reshape = (value: string, shape: readonly number[]) => writer.emit("Reshape", [value, writer.ints(shape)]);
  const columns = [n * block, block, channels * h * w], rows = [n, block, channels * h, w * block];
  const wide = writer.transpose(reshape(value, columns), columns, [0, 2, 1]);
  const high = writer.transpose(reshape(wide, rows), rows, [0, 2, 1, 3]);
  return reshape(high, [n, channels, h * block, w * block]);
}

const depthToSpace: Mapping<"x", DepthToSpaceAttrs> = (g, { x }, { blockSize, dataFormat }) => {
  requireNhwc("DepthToSpace", dataFormat);
  const [n, height, width, channels] = x.shape as Shape4D;
  const operand = g.operand(x, "nchw");
  // onnxruntime's own op takes two to four times as long on a CPU.
  const value = g.device === "cpu"
    ? interleave(g, operand, x.shape as Shape4D, blockSize)
    : g.writer.emit("DepthToSpace", [operand], { blocksize: blockSize, mode: "DCR" });
  const shape = [n, height * blockSize, width * blockSize, channels / blockSize ** 2];
  return g.result(value, shape, x.dtype as ElementType, "nchw");
};

/** Ops that change the size of images. */
export const poolAndResize: MappingTable = {
  AvgPool: pool("AveragePool"),
  DepthToSpace: depthToSpace,
  MaxPool: pool("MaxPool"),
  ResizeBilinear: resizeBilinear,
  ResizeNearestNeighbor: resizeNearest,
};
