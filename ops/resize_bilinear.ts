import * as tf from "@tensorflow/tfjs-core";

/** Weights [to, from] of a bilinear resize along one axis, with half-pixel centers and repeated edges. */
function axisWeights(from: number, to: number): tf.Tensor2D {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const center = Math.min(Math.max((i + 0.5) * from / to - 0.5, 0), from - 1), low = Math.floor(center);
    const share = center - low;
    weights[i * from + low]! += 1 - share;
    if (share > 0) weights[i * from + low + 1]! += share;
  }
  return tf.tensor2d(weights, [to, from]);
}

/** The last axis of `x`, multiplied by a matrix. */
function multiplyLast(x: tf.Tensor4D, matrix: tf.Tensor2D): tf.Tensor4D {
  const [a, b, c, length] = x.shape;
  const product = tf.matMul(tf.reshape(x, [a * b * c, length]) as tf.Tensor2D, matrix);
  return tf.reshape(product, [a, b, c, matrix.shape[1]]);
}

/** The adjoint of {@linkcode resizeBilinear}: what each input pixel contributed to `dy`, summed. */
function resizeBack(dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const rows = axisWeights(height, dy.shape[1]), columns = axisWeights(width, dy.shape[2]);
  const narrow = multiplyLast(tf.transpose(dy, [0, 3, 1, 2]), columns);
  const small = multiplyLast(tf.transpose(narrow, [0, 1, 3, 2]), rows);
  return tf.transpose(small, [0, 3, 2, 1]);
}

/**
 * Resizes images bilinearly with half-pixel centers and repeated edges, without smoothing, as PyTorch's `interpolate` with
 * `align_corners=False`. Differentiable on every backend; the gradient of tfjs ignores half-pixel centers.
 *
 * @param x [N, H, W, C].
 * @param height Rows of the result, an integer above 0.
 * @param width Columns of the result, an integer above 0.
 * @returns [N, height, width, C]; the caller disposes.
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { resizeBilinear } from "@slomo/ops";
 *
 * resizeBilinear(tf.tensor4d([4, 8], [1, 1, 2, 1]), 1, 4).print(); // [4, 5, 7, 8]
 * ```
 */
export function resizeBilinear(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, h, w] = x.shape;
  const resize = tf.customGrad((input) => ({
    value: h === height && w === width
      ? tf.clone(input as tf.Tensor4D)
      : tf.image.resizeBilinear(input as tf.Tensor4D, [height, width], false, true),
    gradFunc: (dy: tf.Tensor) => tf.tidy(() => resizeBack(dy as tf.Tensor4D, h, w)),
  }));
  return resize(x) as tf.Tensor4D;
}
