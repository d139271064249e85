import * as tf from "@tensorflow/tfjs-core";

/** Layout of the convolution. */
const PLAIN = { dataFormat: "NHWC", dilations: 1, dimRoundingMode: undefined } as const;

/** Distance between the positions of a filter, and zero padding in pixels on each side or to the same size. */
interface Placement {
  readonly strides: number;
  readonly pad: "same" | number;
}

function run(name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown>): tf.Tensor {
  return tf.engine().runKernel(name, inputs, { ...PLAIN, ...attributes } as unknown as tf.NamedAttrMap) as tf.Tensor;
}

function leakyReluGradient(dy: tf.Tensor, y: tf.Tensor, slope: number): tf.Tensor4D {
  // The slope is positive, so y has the sign of the input. A backend may have registered a faster gradient.
  const gradient = tf.getGradient("LeakyRelu").gradFunc(dy, [y], { alpha: slope }).x;
  if (gradient === undefined) throw new TypeError("tfjs has no gradient of LeakyRelu");
  return gradient() as tf.Tensor4D;
}

function backpropagate(
  dy: tf.Tensor4D,
  [x, filter, y]: readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D],
  slope: number,
  placement: Placement,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const dz = leakyReluGradient(dy, y, slope);
  return [
    run(tf.Conv2DBackpropInput, { dy: dz, filter }, { ...placement, inputShape: x.shape }),
    run(tf.Conv2DBackpropFilter, { x, dy: dz }, { ...placement, filterShape: filter.shape }),
    tf.sum(dz, [0, 1, 2]),
  ];
}

/**
 * Computes leaky ReLU of a convolution plus bias, with zero padding. It is one op with gradients too, and keeps
 * only its result for them; tfjs's `fused.conv2d` then runs three ops and keeps all results. Differentiable once.
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
  const placement: Placement = { strides: stride, pad };
  const convolve = tf.customGrad((...given) => {
    const [image, weights, offset, save] = given as unknown as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    // Not `tf.fused.conv2d`, which runs separate ops if gradients are needed.
    const y = run("FusedConv2D", { x: image, filter: weights, bias: offset }, {
      ...placement,
      activation: "leakyrelu",
      leakyreluAlpha: slope,
    }) as tf.Tensor4D;
    save([image, weights, y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() =>
          backpropagate(dy as tf.Tensor4D, saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D], slope, placement)
        ),
    };
  });
  return convolve(x, filter, bias) as tf.Tensor4D;
}
