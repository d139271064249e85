import defer * as tf from "@tensorflow/tfjs-core";
import { definePart, type Loss, type PartDefinition } from "@slomo/core";
import { z } from "zod";
import { vggImporter } from "./import_vgg.ts";
import { vggFeatures, vggLayers, type VggNetwork, vggParameters } from "./vgg.ts";

/** Options of {@linkcode perceptual}. */
export interface PerceptualOptions {
  /** The network whose features are compared. @default {"vgg16"} */
  readonly network?: VggNetwork | undefined;
  /** The convolution whose output is compared, before its ReLU. @default {"conv4_3"} */
  readonly layer?: string | undefined;
  /** Weights file of the network, written by `convert`. Without one, training skips the loss. */
  readonly weights?: string | undefined;
}

const knowsLayer = ({ network = "vgg16", layer = "conv4_3" }: PerceptualOptions) => vggLayers(network).includes(layer);

const schema: z.ZodType<PerceptualOptions> = z.strictObject({
  network: z.enum(["vgg16", "vgg19"]).default("vgg16").describe("The network whose features are compared."),
  layer: z.string().default("conv4_3").describe("The convolution whose output is compared, before its activation."),
  weights: z.string().min(1).optional().describe("Weights file of the network; see docs/training.md."),
}).refine(knowsLayer, { path: ["layer"], error: "must be a convolution of the network, such as conv4_3" });

/**
 * Returns lp, the mean squared difference of VGG features of interpolated and ground-truth frames; equation 9 of the
 * paper. The network receives pixels in [0, 1] regardless of the range of the other losses, so the paper's weight,
 * 0.005, applies.
 *
 * @throws {RangeError} If the network has no such layer.
 */
export function perceptual(options: PerceptualOptions = {}): Loss {
  const { network = "vgg16", layer = "conv4_3", weights: location } = options;
  if (!knowsLayer(options)) {
    throw new RangeError(`perceptual: layer must be one of ${vggLayers(network).join(", ")}, got ${layer}`);
  }
  return {
    parameters: vggParameters(network, layer),
    weights: {
      location,
      prefix: network,
      advice:
        `set its option "weights" to a weights file of ${network.toUpperCase()}; deno task convert writes one from PyTorch's, ` +
        "Keras's or TensorFlow.js's",
    },
    compute: (parameters, { output, groundTruth }) =>
      tf.tidy(() => {
        const features = (x: tf.Tensor4D) => vggFeatures(parameters, network, layer, x);
        return tf.mean(tf.square(tf.sub(features(output.frames), features(groundTruth))));
      }),
  };
}

/** {@linkcode perceptual} for a manifest. */
export const perceptualPart: PartDefinition = definePart({
  slot: "loss",
  name: "perceptual",
  description: "Mean squared difference of VGG features of interpolated and ground-truth frames.",
  options: schema,
  training: { presets: { paper: { weight: 0.005 } } },
  importers: [vggImporter],
  create: perceptual,
});
