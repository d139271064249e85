import * as tf from "@tensorflow/tfjs-core";
import { BACKEND, useKernel } from "./backend.ts";

type Shape4D = [number, number, number, number];

interface Attributes extends tf.NamedAttrMap {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dimRoundingMode: "floor" | "round" | "ceil";
  readonly inputShape: Shape4D;
}

/** The kernel of tfjs: plain loops for any stride. */
const stock: tf.KernelFunc = tf.getKernel(tf.Conv2DBackpropInput, BACKEND).kernelFunc;

/**
 * The gradient of a convolution in its input. With a stride of 1 it is a convolution of `dy` with the filter rotated by 180°
 * and its channels swapped. The plain loops of tfjs take most of a training step.
 */
useKernel<Readonly<Record<"dy" | "filter", tf.TensorInfo>>, Attributes>(tf.Conv2DBackpropInput, (call) => {
  const { inputs: { dy, filter }, attrs: { strides, pad, dataFormat, dimRoundingMode, inputShape } } = call;
  const sizes = tf.backend_util.computeConv2DInfo(
    inputShape,
    filter.shape as Shape4D,
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = sizes;
  const top = filterHeight - 1 - padInfo.top, left = filterWidth - 1 - padInfo.left;
  const bottom = inHeight - outHeight + padInfo.top, right = inWidth - outWidth + padInfo.left;
  const steps = [sizes.strideHeight, sizes.strideWidth];
  if (dataFormat !== "NHWC" || steps.some((step) => step !== 1) || Math.min(top, left, bottom, right) < 0) {
    return stock(call as unknown as Parameters<tf.KernelFunc>[0]);
  }
  return tf.tidy(() => {
    const [rows, columns, inputs, outputs] = filter.shape as Shape4D, count = rows * columns;
    // tf.reverse and tf.gather take longer than the convolution.
    const taps = tf.split(tf.reshape(filter as tf.Tensor4D, [count, inputs, outputs]), count);
    const rotated = tf.transpose(tf.concat(taps.reverse()), [0, 2, 1]);
    const swapped = tf.reshape(rotated, [rows, columns, outputs, inputs]) as tf.Tensor4D;
    return tf.conv2d(dy as tf.Tensor4D, swapped, 1, [[0, 0], [top, bottom], [left, right], [0, 0]]);
  });
});
