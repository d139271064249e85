import type { TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP } from "@slomo/ops";
import { warpArrays, warpSizes } from "../cpu/warp_loop.ts";
import { useKernel } from "./backend.ts";

useKernel<Readonly<Record<"image" | "flow", TensorInfo>>, undefined>(
  BACKWARD_WARP,
  ({ inputs: { image, flow }, backend }) => {
    const { sizes, shape } = warpSizes(image.shape, flow.shape);
    const out = backend.makeOutput(shape, "float32");
    const view = (tensor: TensorInfo) => backend.typedArrayFromHeap(tensor) as Float32Array;
    warpArrays(view(image), view(flow), view(out), sizes);
    return out;
  },
);
