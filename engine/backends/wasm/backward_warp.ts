import type { TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP } from "@slomo/ops";
import { warpArrays } from "../cpu/warp_loop.ts";
import { useKernel } from "./backend.ts";

useKernel<Readonly<Record<"image" | "flow", TensorInfo>>, undefined>(
  BACKWARD_WARP,
  ({ inputs: { image, flow }, backend }) => {
    const [flows, height, width] = flow.shape as [number, number, number];
    const [images, , , channels] = image.shape as [number, number, number, number];
    const out = backend.makeOutput([flows, height, width, channels], "float32");
    const view = (tensor: TensorInfo) => backend.typedArrayFromHeap(tensor) as Float32Array;
    warpArrays(view(image), view(flow), view(out), { images, flows, height, width, channels });
    return out;
  },
);
