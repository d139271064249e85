import defer * as tf from "@tensorflow/tfjs-core";

/** Doubles the length of axis 1 or 2: out[2i] = ¼x[i−1] + ¾x[i], out[2i+1] = ¾x[i] + ¼x[i+1], edges repeated. */
function doubleAxis(x: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const length = x.shape[axis], doubled = [...x.shape];
  const part = (begin: number, size: number) => {
    const from = [0, 0, 0, 0], sizes = [...x.shape];
    from[axis] = begin;
    sizes[axis] = size;
    return tf.slice(x, from, sizes);
  };
  const before = length === 1 ? x : tf.concat([part(0, 1), part(0, length - 1)], axis);
  const after = length === 1 ? x : tf.concat([part(1, length - 1), part(length - 1, 1)], axis);
  const own = tf.mul(x, 3 / 4);
  const pairs = tf.stack([tf.add(own, tf.mul(before, 1 / 4)), tf.add(own, tf.mul(after, 1 / 4))], axis + 1);
  doubled[axis] = 2 * length;
  return tf.reshape(pairs, doubled as [number, number, number, number]);
}

/**
 * Returns `x` [N, H, W, C] at twice the size, bilinear with half-pixel centers and edges repeated. It uses ops whose
 * gradients are correct on all backends; tfjs's gradient of a resize with half-pixel centers is not. The caller
 * disposes.
 */
export function doubleSize(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => doubleAxis(doubleAxis(x, 1), 2));
}
