import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  BACKWARD_WARP,
  WARP_FLOW_GRADIENT,
  WARP_IMAGE_GRADIENT,
  warpArrays,
  warpFlowGradient,
  warpImageGradient,
  type WarpSizes,
  warpSizes,
} from "@slomo/ops";
import { useKernel } from "./backend.ts";

type Tensors = Readonly<Record<"dy" | "image" | "flow", TensorInfo>>;

/** Registers a kernel that computes on views of the heap. */
function useLoop(
  kernelName: string,
  shapeOf: (tensors: Tensors) => number[],
  run: (values: (name: keyof Tensors) => Float32Array, out: Float32Array, sizes: WarpSizes) => void,
): void {
  useKernel<Tensors, undefined>(kernelName, ({ inputs, backend }) => {
    const result = backend.makeOutput(shapeOf(inputs), "float32");
    const view = (tensor: TensorInfo) => backend.typedArrayFromHeap(tensor) as Float32Array;
    run((name) => view(inputs[name]), view(result), warpSizes(inputs.image.shape, inputs.flow.shape).sizes);
    return result;
  });
}

useLoop(
  BACKWARD_WARP,
  ({ image, flow }) => warpSizes(image.shape, flow.shape).shape,
  (values, out, sizes) => warpArrays(values("image"), values("flow"), out, sizes),
);
useLoop(
  WARP_FLOW_GRADIENT,
  ({ flow }) => flow.shape,
  (values, out, sizes) => warpFlowGradient(values("dy"), values("image"), values("flow"), out, sizes),
);
useLoop(
  WARP_IMAGE_GRADIENT,
  ({ image }) => image.shape,
  (values, out, sizes) => warpImageGradient(values("dy"), values("flow"), out.fill(0), sizes),
);
