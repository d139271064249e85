import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { backwardWarp, WARP_IMAGE_GRADIENT } from "@slomo/ops";
import { BACKEND } from "../name.ts";
import { openTensorflow } from "../open.ts";
import { difference, LIBRARY, type OpResult, runCase, testOnTensorflow } from "../_testing.ts";

/** Runs the warp of `images` images along two flows with a number of threads. */
async function warpWith(threads: number, images: number): Promise<OpResult & { readonly loops: boolean }> {
  const tensorflow = await openTensorflow({ library: LIBRARY.path, threads });
  try {
    await tf.setBackend(BACKEND);
    const loops = tf.getKernel(WARP_IMAGE_GRADIENT, BACKEND) !== undefined;
    const handles = tensorflow.binding.getNumOfTensors();
    const result = runCase({
      name: "warp",
      shapes: [[images, 7, 9, 4], [2, 7, 9, 2]],
      // Positions avoid the grid, where the slope is discontinuous; some are outside of the image.
      run: (x, flow) => backwardWarp(x as tf.Tensor4D, tf.add(tf.mul(flow as tf.Tensor4D, 0.3), 2.5)),
    });
    equal(tensorflow.binding.getNumOfTensors(), handles);
    return { ...result, loops };
  } finally {
    tensorflow.close();
  }
}

testOnTensorflow("tensorflow warps in loops with few threads and in ops with many, with the same results", async () => {
  for (const images of [1, 2]) {
    const few = await warpWith(2, images), many = await warpWith(16, images);
    equal([few.loops, many.loops], [true, false]);
    ok(difference(few.value[1], many.value[1]) < 1e-6);
    few.gradients.forEach((gradient, i) => ok(difference(gradient, many.gradients[i]!) < 1e-5));
    for (const { slope, gradientSlope } of [few, many]) {
      ok(Math.abs(slope - gradientSlope) / Math.max(1, Math.abs(slope)) < 1e-2, `${gradientSlope}, not ${slope}`);
    }
  }
});
