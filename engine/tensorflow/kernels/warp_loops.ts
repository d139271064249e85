import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { WARP_LOOPS, type WarpInput, warpSizes } from "@slomo/ops";
import { DATA_TYPES } from "../binding/constants.ts";
import type { NodeBackend } from "../package.ts";
import { kernel } from "./kernel.ts";

/** Memory that calls reuse, by its purpose: new arrays of this size would be cleared and collected for each call. */
class Scratch {
  readonly #arrays = new Map<string, Float32Array<ArrayBuffer>>();

  /** Returns `length` values of any content. */
  floats(purpose: string, length: number): Float32Array<ArrayBuffer> {
    let array = this.#arrays.get(purpose);
    if (array === undefined || array.length < length) this.#arrays.set(purpose, array = new Float32Array(length));
    return array.subarray(0, length);
  }
}

const lengthOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Copies the values of a tensor to memory that calls reuse. */
function read(backend: NodeBackend, scratch: Scratch, purpose: string, tensor: TensorInfo): Float32Array {
  const [id = -1] = backend.getInputTensorIds([tensor]), values = scratch.floats(purpose, lengthOf(tensor.shape));
  backend.binding.readFloats(id, values);
  return values;
}

/**
 * Returns the kernels of the backward warp and its gradients as loops in JavaScript, on copies of the tensors. One thread
 * then does in half of the time what TensorFlow computes in two, in sixty ops over the whole image.
 */
export function warpLoops(): readonly KernelConfig[] {
  const scratch = new Scratch();
  return WARP_LOOPS.map(({ kernelName, shapeOf, run }) =>
    kernel<WarpInput, undefined>(kernelName, ({ inputs, backend }) => {
      const image = inputs.image.shape, flow = inputs.flow.shape, shape = shapeOf(image, flow);
      const out = scratch.floats("out", lengthOf(shape));
      run((input) => read(backend, scratch, input, inputs[input]), out, warpSizes(image, flow).sizes);
      const id = backend.binding.createTensor(shape, DATA_TYPES.TF_FLOAT, out);
      return backend.createOutputTensor({ id, shape, dtype: DATA_TYPES.TF_FLOAT });
    })
  );
}
