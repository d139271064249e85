import type { KernelConfig, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP } from "@slomo/ops";
import { DATA_TYPES } from "../binding/constants.ts";
import type { NodeBackend } from "../package.ts";
import { bool, ints, typeOf } from "./attributes.ts";
import { kernel } from "./kernel.ts";
import { RawOps } from "./raw_ops.ts";
import { Formula, inside, sampleCorners } from "./warp_corners.ts";

const { TF_FLOAT, TF_INT32 } = DATA_TYPES;

/** Calls `compute` with both tensors uploaded, and frees all but what it returns. */
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

type Shape4D = [number, number, number, number];

/** `backwardWarp` in TensorFlow's own ops, without tfjs between them. */
export const backwardWarp: KernelConfig = kernel<"image" | "flow", undefined>(
  BACKWARD_WARP,
  ({ inputs: { image, flow }, backend }) =>
    onDevice(backend, [image, flow], (raw, [pixels = -1, motion = -1]) => {
      const shape = image.shape as Shape4D, [t = 0, h = 0, w = 0] = flow.shape, formula = new Formula(raw);
      const { corners: [a, b, c, d], x, y } = sampleCorners(raw, pixels, shape, motion, t);
      const upper = formula.mix(a, b, x.weight), lower = formula.mix(c, d, x.weight);
      return formula.reshape(formula.mix(upper, lower, y.weight), [t, h, w, shape[3]]);
    }),
);

/** Name of the kernel of ∂/∂flow; its inputs are `dy`, `image` and `flow`. */
export const WARP_FLOW_GRADIENT = "BackwardWarpFlowGrad";

/** The slopes of the bilinear patch at each place, weighed by `dy`; 0 where the place was clamped. */
export const backwardWarpFlowGrad: KernelConfig = kernel<"dy" | "image" | "flow", undefined>(
  WARP_FLOW_GRADIENT,
  ({ inputs: { dy, image, flow }, backend }) =>
    onDevice(backend, [dy, image, flow], (raw, [dys = -1, pixels = -1, motion = -1]) => {
      const shape = image.shape as Shape4D, [t = 0, h = 0, w = 0] = flow.shape, formula = new Formula(raw);
      const count = t * h * w, changes = formula.reshape(dys, [count, shape[3]]);
      const { corners: [a, b, c, d], x, y } = sampleCorners(raw, pixels, shape, motion, t);
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
