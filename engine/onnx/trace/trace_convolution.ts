import { add, conv2d, enableProdMode, fill, ones, type Tensor4D } from "@tensorflow/tfjs-core";
import { trace, type TracedGraph } from "./trace.ts";

/** Traces a small convolution, to test a device: `x` [1, 4, 4, 3] of ones gives `y` of 14.5 everywhere. */
export function traceConvolution(): TracedGraph {
  // Silences tfjs's hints.
  enableProdMode();
  return trace(({ x }) => {
    const filter = fill([3, 3, 3, 2], 0.5) as Tensor4D;
    return { y: add(conv2d(x as Tensor4D, filter, 1, "valid"), ones([2])) };
  }, { x: { shape: [1, 4, 4, 3] } });
}
