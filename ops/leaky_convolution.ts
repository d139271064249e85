import * as tf from "@tensorflow/tfjs-core";

function run(name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown>): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes as unknown as tf.NamedAttrMap) as tf.Tensor;
}

function leakyReluGradient(dy: tf.Tensor, y: tf.Tensor, slope: number): tf.Tensor4D {
  // The slope is positive, so y has the sign of the input. A backend may have registered a faster gradient.
  const gradient = tf.getGradient("LeakyRelu").gradFunc(dy, [y], { alpha: slope }).x;
  if (gradient === undefined) throw new TypeError("tfjs has no gradient of LeakyRelu");
  return gradient() as tf.Tensor4D;
}

// tfjs has no gradient of this kernel: its `fused.conv2d` runs separate ops if gradients are needed, and keeps all of
// their results. With this one, gradients of inputs that are constant, such as images, are not computed.
tf.registerGradient({
  kernelName: tf.FusedConv2D,
  inputsToSave: ["x", "filter"],
  outputsToSave: [true],
  gradFunc(dy, saved, { activation, leakyreluAlpha, ...placement }) {
    if (activation !== "leakyrelu") throw new TypeError(`there is no gradient of FusedConv2D with ${activation}`);
    const [x, filter, y] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const dz = tf.tidy(() => leakyReluGradient(dy as tf.Tensor, y, leakyreluAlpha as number));
    return {
      x: () => run(tf.Conv2DBackpropInput, { dy: dz, filter }, { ...placement, inputShape: x.shape }),
      filter: () => run(tf.Conv2DBackpropFilter, { x, dy: dz }, { ...placement, filterShape: filter.shape }),
      // The last one that tfjs asks for, so that the next layer can use the memory of `dz`.
      bias: () => {
        const sum = tf.sum(dz, [0, 1, 2]);
        dz.dispose();
        return sum;
      },
    };
  },
});

/**
 * Computes leaky ReLU of a convolution plus bias, with zero padding. It is one op with gradients too, and keeps
 * only its result for them. Differentiable once.
 *
 * @param x [N, H, W, I].
 * @param filter [h, w, I, O].
 * @param bias [O].
 * @param slope Slope of the leaky ReLU below zero, above 0.
 * @param stride Distance in pixels between the positions of the filter.
 * @param pad Zeros on each side in pixels, as in PyTorch, or as many as give a result of the size of `x` over the stride.
 * @returns [N, ⌈H / stride⌉, ⌈W / stride⌉, O] with the padding `same`; the caller disposes.
 */
export function leakyConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  slope: number,
  stride = 1,
  pad: "same" | number = "same",
): tf.Tensor4D {
  return run(tf.FusedConv2D, { x, filter, bias }, {
    strides: stride,
    pad,
    dataFormat: "NHWC",
    dilations: 1,
    dimRoundingMode: undefined,
    activation: "leakyrelu",
    leakyreluAlpha: slope,
  }) as tf.Tensor4D;
}
