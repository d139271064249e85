import * as tf from "@tensorflow/tfjs-core";
import { BACKEND } from "./backend.ts";

/** The attributes that this kernel reads. */
interface Attributes extends tf.NamedAttrMap {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode: "floor" | "round" | "ceil";
  readonly filterShape: [number, number, number, number];
}

/**
 * The gradient of a convolution in its filter, which tfjs lacks and training needs. For each tap it is the product of two
 * matrices: the inputs of the tap, channels × positions, and the gradient, positions × channels.
 */
function backpropFilter(x: tf.Tensor4D, dy: tf.Tensor4D, attrs: Attributes): tf.Tensor4D {
  const { strides, pad, dimRoundingMode, filterShape } = attrs,
    [kernelHeight, kernelWidth, inputs, outputs] = filterShape;
  const sizes = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, padInfo: { top, bottom, left, right } } = sizes;
  const positions = batchSize * outHeight * outWidth;
  return tf.tidy(() => {
    const byChannel = tf.transpose(tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]), [3, 0, 1, 2]);
    const gradient = tf.reshape(dy, [positions, outputs]);
    const taps: tf.Tensor[] = [];
    for (let row = 0; row < kernelHeight; row++) {
      for (let column = 0; column < kernelWidth; column++) {
        const end = [row + (outHeight - 1) * strideHeight + 1, column + (outWidth - 1) * strideWidth + 1] as const;
        taps.push(tf.tidy(() => {
          const inputsOfTap = strideHeight === 1 && strideWidth === 1
            ? tf.slice(byChannel, [0, 0, row, column], [inputs, batchSize, outHeight, outWidth])
            : tf.stridedSlice(byChannel, [0, 0, row, column], [inputs, batchSize, ...end], [
              1,
              1,
              strideHeight,
              strideWidth,
            ]);
          return tf.matMul(tf.reshape(inputsOfTap, [inputs, positions]), gradient);
        }));
      }
    }
    return tf.reshape(tf.stack(taps), filterShape) as tf.Tensor4D;
  });
}

tf.registerKernel({
  kernelName: tf.Conv2DBackpropFilter,
  backendName: BACKEND,
  kernelFunc: ({ inputs, attrs }) =>
    backpropFilter(inputs["x"] as tf.Tensor4D, inputs["dy"] as tf.Tensor4D, attrs as Attributes),
});
