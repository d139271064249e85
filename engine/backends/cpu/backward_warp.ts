import { type KernelBackend, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP, warpArrays, warpSizes } from "@slomo/ops";

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
    const { sizes, shape } = warpSizes(image.shape, flow.shape);
    const out = new Float32Array(shape.reduce((a, b) => a * b));
    const values = (tensor: TensorInfo) => cpu.readSync(tensor.dataId) as Float32Array;
    warpArrays(values(image), values(flow), out, sizes);
    return cpu.makeTensorInfo(shape, "float32", out);
  },
});
