import type { KernelConfig, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP, WARP_FLOW_GRADIENT, warpStride } from "@slomo/ops";
import { DATA_TYPES } from "../binding/constants.ts";
import type { NodeBackend } from "../package.ts";
import { bool, ints, kernel, typeOf } from "./kernel.ts";
import { RawOps } from "./raw_ops.ts";

const { TF_FLOAT, TF_INT32, TF_BOOL } = DATA_TYPES;
const OF_FLOATS = [typeOf("T", TF_FLOAT)], OF_INTEGERS = [typeOf("T", TF_INT32)];
const TO_INTEGERS = [typeOf("SrcT", TF_FLOAT), typeOf("DstT", TF_INT32), bool("Truncate", false)];
const TO_FLOATS = [typeOf("SrcT", TF_BOOL), typeOf("DstT", TF_FLOAT), bool("Truncate", false)];
const GATHER = [typeOf("Tparams", TF_FLOAT), typeOf("Tindices", TF_INT32)];

type Shape4D = [number, number, number, number];

/** Elementwise ops on tensors of the binding. */
class Formula {
  readonly #raw: RawOps;

  constructor(raw: RawOps) {
    this.#raw = raw;
  }

  /** Computes `op` of two float tensors. */
  floats(op: "Add" | "Sub" | "Mul" | "Minimum" | "Maximum", a: number, b: number): number {
    return this.#raw.run(op, OF_FLOATS, [a, b]).id;
  }

  /** Computes `op` of two integer tensors. */
  integers(op: "Add" | "Mul" | "Minimum" | "Maximum", a: number, b: number): number {
    return this.#raw.run(op, OF_INTEGERS, [a, b]).id;
  }

  /** Computes `low` + (`high` − `low`) · `weight`, which is exactly `low` if the weight is 0. */
  mix(low: number, high: number, weight: number): number {
    return this.floats("Add", low, this.floats("Mul", this.floats("Sub", high, low), weight));
  }

  /** Returns the same values in another shape. */
  reshape(id: number, shape: readonly number[], type: number = TF_FLOAT): number {
    return this.#raw.run("Reshape", [typeOf("T", type), typeOf("Tshape", TF_INT32)], [id, this.#raw.integers(shape)])
      .id;
  }
}

/** Positions of a warp along one axis. */
interface Axis {
  /** The position [T, H / s, W / s]. */
  readonly position: number;
  /** The position clamped to the image. */
  readonly clamped: number;
  /** The pixel at or before the position, an integer. */
  readonly low: number;
  /** The next pixel, or the last one. */
  readonly high: number;
  /** Distance of the position from the pixel, in [0, 1) [count, 1]. */
  readonly weight: number;
}

/**
 * Returns positions along an axis of `size` pixels: `flow` [T, H / s, W / s] plus the center of each `stride` pixels, in
 * `shape`.
 */
function axis(
  raw: RawOps,
  flow: number,
  size: number,
  stride: number,
  shape: readonly number[],
  count: number,
): Axis {
  const formula = new Formula(raw);
  const centers = Float32Array.from({ length: size / stride }, (_, i) => i * stride + (stride - 1) / 2);
  const coordinates = raw.floats(shape, centers);
  const zero = raw.floats([], Float32Array.of(0)), last = raw.floats([], Float32Array.of(size - 1));
  const position = formula.floats("Add", flow, coordinates);
  const clamped = formula.floats("Maximum", formula.floats("Minimum", position, last), zero);
  const floor = raw.run("Floor", OF_FLOATS, [clamped]).id;
  // NaN is not clamped, and becomes an integer far outside the image.
  const low = formula.integers("Maximum", raw.run("Cast", TO_INTEGERS, [floor]).id, raw.integer(0));
  const high = formula.integers("Minimum", formula.integers("Add", low, raw.integer(1)), raw.integer(size - 1));
  return { position, clamped, low, high, weight: formula.reshape(formula.floats("Sub", clamped, floor), [count, 1]) };
}

/** The four pixels around each position of a warp, [count, C] each, and the positions. */
interface WarpSamples {
  /** Upper left, upper right, lower left, lower right. */
  readonly corners: readonly [number, number, number, number];
  /** Positions along the width. */
  readonly x: Axis;
  /** Positions along the height. */
  readonly y: Axis;
}

/** Reads `image` [N, H, W, C] at the positions of `flow` [T, H / s, W / s, 2]; N is T or 1. */
function sampleCorners(
  raw: RawOps,
  image: number,
  imageShape: Shape4D,
  flow: number,
  flowShape: Shape4D,
): WarpSamples {
  const [n, h, w, c] = imageShape, [times, rows, columns] = flowShape, stride = warpStride(imageShape, flowShape);
  const formula = new Formula(raw), count = times * rows * columns;
  const [dx, dy] = raw.runMany("Unpack", [...OF_FLOATS, ints("num", 2), ints("axis", 3)], [flow], 2);
  if (dx === undefined || dy === undefined) throw new RangeError("backwardWarp: flow must have two channels");
  const x = axis(raw, dx.id, w, stride, [1, 1, columns], count);
  const y = axis(raw, dy.id, h, stride, [1, rows, 1], count);
  const width = raw.integer(w), pixels = formula.reshape(image, [n * h * w, c]);
  const first = raw.integers(Array.from({ length: n === 1 ? 1 : times }, (_, i) => i * h * w));
  const start = formula.reshape(first, [n === 1 ? 1 : times, 1, 1], TF_INT32);
  const row = (pixel: number) => formula.integers("Add", formula.integers("Mul", pixel, width), start);
  const upper = row(y.low), lower = row(y.high);
  const read = (row: number, column: number) => {
    const index = formula.reshape(formula.integers("Add", row, column), [count, 1], TF_INT32);
    return raw.run("GatherNd", GATHER, [pixels, index]).id;
  };
  return { corners: [read(upper, x.low), read(upper, x.high), read(lower, x.low), read(lower, x.high)], x, y };
}

/** Returns 1 for positions within the image along an axis, 0 for clamped ones [count, 1]. */
function inside(raw: RawOps, { position, clamped }: Axis, count: number): number {
  const equal = raw.run("Equal", [...OF_FLOATS, bool("incompatible_shape_error", true)], [position, clamped]).id;
  return new Formula(raw).reshape(raw.run("Cast", TO_FLOATS, [equal]).id, [count, 1]);
}

/** Calls `compute` with uploaded tensors and frees everything but its result. */
function onDevice(
  backend: NodeBackend,
  tensors: readonly TensorInfo[],
  compute: (raw: RawOps, ids: readonly number[]) => number,
): Tensor {
  const raw = new RawOps(backend);
  try {
    return backend.createOutputTensor(raw.take(compute(raw, backend.getInputTensorIds(tensors))));
  } finally {
    raw.free();
  }
}

/** `backwardWarp` as TensorFlow ops, without tfjs between them. */
const backwardWarp: KernelConfig = kernel<"image" | "flow", undefined>(
  BACKWARD_WARP,
  ({ inputs: { image, flow }, backend }) =>
    onDevice(backend, [image, flow], (raw, [pixels = -1, offsets = -1]) => {
      const shape = image.shape as Shape4D, flowShape = flow.shape as Shape4D, [t, h, w] = flowShape;
      const { corners: [a, b, c, d], x, y } = sampleCorners(raw, pixels, shape, offsets, flowShape);
      const formula = new Formula(raw);
      const upper = formula.mix(a, b, x.weight), lower = formula.mix(c, d, x.weight);
      return formula.reshape(formula.mix(upper, lower, y.weight), [t, h, w, shape[3]]);
    }),
);

/** The slopes of the bilinear patch at each position, weighted by `dy`; 0 for clamped positions. */
const backwardWarpFlowGrad: KernelConfig = kernel<"dy" | "image" | "flow", undefined>(
  WARP_FLOW_GRADIENT,
  ({ inputs: { dy, image, flow }, backend }) =>
    onDevice(backend, [dy, image, flow], (raw, [dys = -1, pixels = -1, offsets = -1]) => {
      const shape = image.shape as Shape4D, flowShape = flow.shape as Shape4D, [t, h, w] = flowShape;
      const formula = new Formula(raw);
      const count = t * h * w, changes = formula.reshape(dys, [count, shape[3]]);
      const { corners: [a, b, c, d], x, y } = sampleCorners(raw, pixels, shape, offsets, flowShape);
      const along = (from: number, to: number, from2: number, to2: number, weight: number, within: number) => {
        const slope = formula.mix(formula.floats("Sub", to, from), formula.floats("Sub", to2, from2), weight);
        const summed = [typeOf("T", TF_FLOAT), typeOf("Tidx", TF_INT32), bool("keep_dims", true)];
        const sum = raw.run("Sum", summed, [formula.floats("Mul", changes, slope), raw.integer(1)]).id;
        return formula.floats("Mul", sum, within);
      };
      const dx = along(a, b, c, d, y.weight, inside(raw, x, count));
      const dyy = along(a, c, b, d, x.weight, inside(raw, y, count));
      const joined = [typeOf("T", TF_FLOAT), typeOf("Tidx", TF_INT32), ints("N", 2)];
      return formula.reshape(raw.run("ConcatV2", joined, [dx, dyy, raw.integer(1)]).id, [t, h, w, 2]);
    }),
);

/** The warp and its gradient in the flow as ops, which use all threads, or a GPU. The other gradient is tfjs's. */
export const WARP_OPS: readonly KernelConfig[] = [backwardWarp, backwardWarpFlowGrad];
