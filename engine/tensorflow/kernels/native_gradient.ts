import * as tf from "@tensorflow/tfjs-core";

/** Gradients by the names of inputs, computed when they are wanted. */
type Gradients = Record<string, () => tf.Tensor>;

/** Gives gradients from `dy`, the tensors saved, the op's attributes, and a way to get the composed ones. */
type NativeGradient = (
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  attributes: tf.NamedAttrMap,
  composed: () => Gradients,
) => Gradients;

/**
 * Puts a backend's own kernel before a gradient that tfjs composes of many ops. On a backend without the kernel the
 * composed gradient stays.
 *
 * @param kernelName The op whose gradient it is.
 * @param native The kernel that must be there.
 */
export function preferNativeGradient(kernelName: string, native: string, gradFunc: NativeGradient): void {
  const original: tf.GradConfig | undefined = tf.getGradient(kernelName);
  if (original === undefined) throw new TypeError(`tensorflow: there is no gradient of ${kernelName} to build on`);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...original,
    gradFunc: (dy, saved, attributes) => {
      const composed = () => original.gradFunc(dy, saved, attributes);
      if (Array.isArray(dy) || tf.getKernel(native, tf.getBackend()) === undefined) return composed();
      return gradFunc(dy, saved, attributes, composed);
    },
  });
}

/** Runs a kernel with one output. */
export function runKernel(name: string, inputs: tf.NamedTensorMap, attributes?: tf.NamedAttrMap): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;
}
