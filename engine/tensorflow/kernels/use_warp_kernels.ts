import { getKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP, WARP_FLOW_GRADIENT, WARP_IMAGE_GRADIENT } from "@slomo/ops";
import { BACKEND } from "../name.ts";
import { WARP_OPS } from "./backward_warp.ts";
import { replaceKernel } from "./kernel.ts";
import { warpLoops } from "./warp_loops.ts";

/** Threads up to which a loop in one thread warps faster than ops in all of them. */
const MOST_FOR_LOOPS = 8;

const LOOPS = warpLoops();

/** Registers the kernels of the backward warp, which tfjs lacks, that are fastest on a GPU or in a number of threads. */
export function useWarpKernels(threads: number | "gpu"): void {
  for (const name of [BACKWARD_WARP, WARP_FLOW_GRADIENT, WARP_IMAGE_GRADIENT]) {
    if (getKernel(name, BACKEND) !== undefined) unregisterKernel(name, BACKEND);
  }
  const kernels = threads !== "gpu" && threads <= MOST_FOR_LOOPS ? LOOPS : WARP_OPS;
  kernels.forEach(replaceKernel);
}
