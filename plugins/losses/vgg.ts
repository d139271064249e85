import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";

/** Networks of Simonyan and Zisserman (arXiv 1409.1556) whose features the loss compares. */
export type VggNetwork = "vgg16" | "vgg19";

/** Convolutions of each block. */
const BLOCKS: Readonly<Record<VggNetwork, readonly number[]>> = { vgg16: [2, 2, 3, 3, 3], vgg19: [2, 2, 4, 4, 4] };

/** Channels of the convolutions of each block. */
const CHANNELS = [64, 128, 256, 512, 512];

/** Returns the names of the convolutions in order: `conv1_1` to `conv5_3` or `conv5_4`. */
export function vggLayers(network: VggNetwork): string[] {
  return BLOCKS[network].flatMap((count, block) =>
    Array.from({ length: count }, (_, i) => `conv${block + 1}_${i + 1}`)
  );
}

/** Returns the layers up to `layer`, which is included. */
function layersTo(network: VggNetwork, layer: string): string[] {
  const layers = vggLayers(network);
  return layers.slice(0, layers.indexOf(layer) + 1);
}

/**
 * Returns the tensors that {@linkcode vggFeatures} needs: `mean` [3], and `.weight` (HWIO) and `.bias` of each convolution up to
 * `layer`. They come from a file and are not trained.
 */
export function vggParameters(network: VggNetwork, layer: string): ParameterSpec[] {
  const fixed = { kind: "zeros" } as const;
  const convolutions = layersTo(network, layer).flatMap((name, i, names) => {
    const channels = (name: string) => CHANNELS[Number(name[4]) - 1]!;
    const inputs = i === 0 ? 3 : channels(names[i - 1]!), outputs = channels(name);
    return [
      { name: `${name}.weight`, shape: [3, 3, inputs, outputs], init: fixed },
      { name: `${name}.bias`, shape: [outputs], init: fixed },
    ];
  });
  return [{ name: "mean", shape: [3], init: fixed }, ...convolutions];
}

/**
 * Returns the output of the convolution `layer`, before its ReLU, for `x` [N, H, W, 3], RGB in [0, 1]. Subtracts the mean;
 * the weights include the scale of the input. Differentiable in `x`. The caller disposes the result.
 */
export function vggFeatures(parameters: Parameters, network: VggNetwork, layer: string, x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    let features: tf.Tensor4D = tf.sub(x, parameters["mean"]!);
    for (const [i, name] of layersTo(network, layer).entries()) {
      if (i > 0) features = tf.relu(features);
      if (i > 0 && name.endsWith("_1")) features = tf.maxPool(features, 2, 2, "valid");
      const filter = parameters[`${name}.weight`] as tf.Tensor4D;
      features = tf.add(tf.conv2d(features, filter, 1, "same"), parameters[`${name}.bias`]!);
    }
    return features;
  });
}
