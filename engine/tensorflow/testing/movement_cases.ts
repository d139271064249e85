import * as tf from "@tensorflow/tfjs-core";
import { backwardWarp } from "../../../ops/backward_warp.ts";
import type { OpCase } from "./op_case.ts";

const IMAGE = [2, 6, 7, 3];

const image = (name: string, run: (x: tf.Tensor4D) => tf.Tensor, channels = 3): OpCase => ({
  name,
  shapes: [[2, 6, 7, channels]],
  run: (x) => run(x as tf.Tensor4D),
});

const integers = (values: number[], shape: number[]): tf.Tensor => tf.tensor(values, shape, "int32");
const ROWS = [3, 1, 19, 3, 0, 7];

/** Ops that move values, and those with indices. */
export const MOVEMENT_CASES: readonly OpCase[] = [
  {
    name: "concat of channels",
    shapes: [[2, 4, 5, 3], [2, 4, 5, 2], [2, 4, 5, 6]],
    run: (...parts) => tf.concat(parts, 3),
  },
  { name: "concat of batches", shapes: [[2, 4, 5, 3], [1, 4, 5, 3]], run: (...parts) => tf.concat(parts, 0) },
  image("slice", (x) => tf.slice(x, [0, 1, 2, 1], [2, 4, 3, 2])),
  { ...image("stridedSlice", (x) => tf.stridedSlice(x, [0, 0, 0, 0], IMAGE, [1, 2, 2, 1])), gradient: false },
  image("split", (x) => {
    const [a, , c] = tf.split(x, 3, 3);
    return tf.add(a!, tf.mul(c!, 3));
  }),
  image("stack and unstack", (x) => tf.stack(tf.unstack(x, 2).toReversed(), 1)),
  image("pad", (x) => tf.pad(x, [[0, 0], [1, 2], [3, 4], [0, 0]], 0.5)),
  image("mirrorPad, reflected", (x) => tf.mirrorPad(x, [[0, 0], [1, 2], [3, 2], [0, 0]], "reflect")),
  image("mirrorPad, symmetric", (x) => tf.mirrorPad(x, [[0, 0], [1, 2], [3, 2], [0, 0]], "symmetric")),
  image("tile", (x) => tf.tile(x, [1, 2, 1, 2])),
  image("transpose", (x) => tf.transpose(x, [0, 3, 1, 2])),
  image("reshape and expandDims", (x) => tf.expandDims(tf.reshape(x, [12, 21]), 1)),
  image("reverse", (x) => tf.reverse(x, 2)),
  image("depthToSpace", (x) => tf.depthToSpace(x, 2, "NHWC"), 12),
  { name: "gather", shapes: [[20, 5]], run: (x) => tf.gather(x!, integers(ROWS, [6])) },
  {
    name: "gather by computed indices",
    shapes: [[20, 5], [6]],
    run: (x, at) => tf.add(tf.gather(x!, tf.cast(tf.floor(tf.mul(tf.abs(at!), 0)), "int32")), tf.reshape(at!, [6, 1])),
  },
  image("gatherND", (x) => tf.gatherND(x, integers([0, 1, 2, 1, 5, 6, 1, 0, 0, 1, 0, 0], [4, 3]))),
  {
    name: "scatterND, the same position twice",
    shapes: [[4, 5]],
    run: (x) => tf.scatterND(integers([1, 3, 1, 0], [4, 1]), x!, [6, 5]),
  },
  {
    name: "tensorScatterUpdate",
    shapes: [[6, 5], [3, 5]],
    run: (x, updates) => tf.tensorScatterUpdate(x!, integers([1, 3, 0], [3, 1]), updates!),
    cpuGradient: false, // its kernel writes into its input
  },
  {
    name: "unsortedSegmentSum",
    shapes: [[6, 5]],
    run: (x) => tf.unsortedSegmentSum(x!, integers([1, 3, 0, 1, 1, 2], [6]) as tf.Tensor1D, 4),
  },
  {
    name: "backwardWarp by whole and fractional pixels",
    shapes: [[2, 6, 7, 3], [2, 6, 7, 2]],
    // Positions avoid the grid, where the slope is discontinuous.
    run: (x, flow) => backwardWarp(x as tf.Tensor4D, tf.add(tf.mul(flow as tf.Tensor4D, 0.3), 1.5)),
  },
];
