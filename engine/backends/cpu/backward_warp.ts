import { type KernelBackend, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP } from "@slomo/ops";
import { warpArrays } from "./warp_loop.ts";

/** The part of the `cpu` backend that the kernel uses. */
interface CpuBackend extends KernelBackend {
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
}

registerKernel({
  kernelName: BACKWARD_WARP,
  backendName: "cpu",
  kernelFunc({ inputs, backend }) {
    const { image, flow } = inputs as { image: TensorInfo; flow: TensorInfo };
    const cpu = backend as CpuBackend;
    const [flows, height, width] = flow.shape as [number, number, number];
    const [images, , , channels] = image.shape as [number, number, number, number];
    const out = new Float32Array(flows * height * width * channels);
    const values = (tensor: TensorInfo) => cpu.readSync(tensor.dataId) as Float32Array;
    warpArrays(values(image), values(flow), out, { images, flows, height, width, channels });
    return cpu.makeTensorInfo([flows, height, width, channels], "float32", out);
  },
});
