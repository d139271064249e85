import { type KernelBackend, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP } from "../../../ops/backward_warp.ts";
import { warpArrays } from "../warp_loop.ts";

/** What the kernel uses of the `wasm` backend. */
interface WasmBackend extends KernelBackend {
  makeOutput(shape: number[], dtype: "float32"): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

registerKernel({
  kernelName: BACKWARD_WARP,
  backendName: "wasm",
  kernelFunc({ inputs, backend }) {
    const { image, flow } = inputs as { image: TensorInfo; flow: TensorInfo };
    const wasm = backend as WasmBackend;
    const [flows, height, width] = flow.shape as [number, number, number];
    const [images, , , channels] = image.shape as [number, number, number, number];
    // The heap may move when it grows: views are taken after the output has its place in it.
    const out = wasm.makeOutput([flows, height, width, channels], "float32");
    const view = (tensor: TensorInfo) => wasm.typedArrayFromHeap(tensor);
    warpArrays(view(image), view(flow), view(out), { images, flows, height, width, channels });
    return out;
  },
});
