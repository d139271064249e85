import type { TensorInfo } from "@tensorflow/tfjs-core";
import { WARP_LOOPS, type WarpInput, warpSizes } from "@slomo/ops";
import { useKernel } from "./backend.ts";

for (const { kernelName, shapeOf, run } of WARP_LOOPS) {
  useKernel<Readonly<Record<WarpInput, TensorInfo>>, undefined>(kernelName, ({ inputs, backend }) => {
    const image = inputs.image.shape, flow = inputs.flow.shape;
    const result = backend.makeOutput([...shapeOf(image, flow)], "float32");
    const view = (tensor: TensorInfo) => backend.typedArrayFromHeap(tensor) as Float32Array;
    run((input) => view(inputs[input]), view(result), warpSizes(image, flow).sizes);
    return result;
  });
}
