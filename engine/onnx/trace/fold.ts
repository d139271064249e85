import "@tensorflow/tfjs-backend-cpu";
import "@slomo/engine/backends/cpu/kernels";
import {
  enableProdMode,
  engine,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { type KernelInputs, type TracingBackend, UntraceableError } from "./tracing_backend.ts";

function cpuBackend(): KernelBackend {
  // Otherwise, tfjs recommends another package on the terminal.
  enableProdMode();
  // The backend is created when it is first requested.
  return engine().findBackend("cpu");
}

/**
 * Runs a kernel whose inputs are constants on the backend `cpu`; its outputs are constants of the graph.
 *
 * @throws {UntraceableError} If `cpu` lacks the kernel.
 */
export function foldConstants(
  backend: TracingBackend,
  kernel: string,
  inputs: KernelInputs,
  attributes: unknown,
): TensorInfo | TensorInfo[] {
  const cpu = cpuBackend(), config = getKernel(kernel, "cpu");
  if (config === undefined) {
    throw new UntraceableError(`onnx: backend cpu has no kernel ${kernel} to fold constants with`);
  }
  const toCpu = (tensor: TensorInfo | undefined): TensorInfo | undefined =>
    tensor && { ...tensor, dataId: cpu.write(backend.datum(tensor).values!, tensor.shape, tensor.dtype) };
  const fromCpu = ({ dataId, shape, dtype }: TensorInfo): TensorInfo => {
    const known = backend.write(cpu.readSync(dataId), shape, dtype);
    cpu.disposeData(dataId);
    return { dataId: known, shape, dtype };
  };
  const moved = Array.isArray(inputs)
    ? inputs.map(toCpu)
    : Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toCpu(tensor)]));
  const result = config.kernelFunc({
    inputs: moved as NamedTensorInfoMap,
    attrs: attributes as NamedAttrMap,
    backend: cpu,
  });
  const outputs = Array.isArray(result) ? result.map(fromCpu) : fromCpu(result);
  for (const tensor of Object.values(moved)) if (tensor) cpu.disposeData(tensor.dataId);
  return outputs;
}
