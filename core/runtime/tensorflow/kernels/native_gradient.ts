import * as tf from "@tensorflow/tfjs-core";

/**
 * Puts a backend's own kernels before a gradient that tfjs composes of many ops. On a backend without the kernel the
 * composed gradient stays.
 *
 * @param kernelName The op whose gradient it is.
 * @param native The kernel that must be there.
 * @param gradFunc Gives some of the gradients by that kernel, from `dy`, what is saved, and the op's attributes.
 */
export function preferNativeGradient(
  kernelName: string,
  native: string,
  gradFunc: (
    dy: tf.Tensor,
    saved: readonly tf.Tensor[],
    attributes: tf.NamedAttrMap,
  ) => Record<string, () => tf.Tensor>,
): void {
  const composed: tf.GradConfig | undefined = tf.getGradient(kernelName);
  if (composed === undefined) throw new TypeError(`tensorflow: there is no gradient of ${kernelName} to build on`);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...composed,
    gradFunc: (dy, saved, attributes) => {
      const gradients = composed.gradFunc(dy, saved, attributes);
      if (Array.isArray(dy) || tf.getKernel(native, tf.getBackend()) === undefined) return gradients;
      return { ...gradients, ...gradFunc(dy, saved, attributes) };
    },
  });
}

/** Runs a kernel with one output. */
export function runKernel(name: string, inputs: tf.NamedTensorMap, attributes?: tf.NamedAttrMap): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;
}
