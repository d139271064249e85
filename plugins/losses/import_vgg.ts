import { type ImportedWeights, type ModelFile, type NamedTensor, UsageError, type WeightsImporter } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { vggLayers, type VggNetwork } from "./vgg.ts";

const NETWORKS: readonly VggNetwork[] = ["vgg16", "vgg19"];

/** Preprocessing that a publisher's network expects: (x − mean) · scale for x in [0, 1], channels in `order`. */
interface Convention {
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
  readonly order: readonly [number, number, number];
}

/** Mean R, G, B of Simonyan and Zisserman's weights. */
const ORIGINAL_MEAN = [123.68 / 255, 116.779 / 255, 103.939 / 255] as const;

/** A publisher's names and conventions. */
interface Publisher {
  readonly name: string;
  readonly convention: Convention;
  /** Whether filters are [output, input, height, width]. */
  readonly oihw: boolean;
  /** Names of filter and bias of each layer in the file, in the order of the network. */
  layers(names: readonly string[]): readonly (readonly [weight: string, bias: string])[];
}

/** Returns the pairs of names that match `pattern`, whose groups are the block, the number and the kind of a name. */
function byBlock(names: readonly string[], pattern: RegExp): readonly (readonly [string, string])[] {
  const found = names.flatMap((name) => {
    const [, block, number, kind] = pattern.exec(name) ?? [];
    return kind === undefined ? [] : [{ name, place: 100 * Number(block) + Number(number), isBias: /^b/i.test(kind) }];
  });
  const weights = found.filter(({ isBias }) => !isBias).sort((a, b) => a.place - b.place);
  return weights.map(({ name, place }) =>
    [name, found.find((other) => other.isBias && other.place === place)?.name ?? ""] as const
  );
}

const PUBLISHERS: readonly Publisher[] = [
  {
    name: "PyTorch (torchvision)",
    convention: { mean: [0.485, 0.456, 0.406], scale: [1 / 0.229, 1 / 0.224, 1 / 0.225], order: [0, 1, 2] },
    oihw: true,
    layers: (names) =>
      names.some((name) => /features\.\d+\.running_mean$/.test(name)) ? [] : names
        .flatMap((name) => /^(.*\bfeatures\.(\d+)\.)weight$/.exec(name) ?? [])
        .flatMap((_, i, parts) =>
          i % 3 === 0 ? [[parts[i]!, `${parts[i + 1]}bias`, Number(parts[i + 2])] as const] : []
        )
        .sort((a, b) => a[2] - b[2]).map(([weight, bias]) => [weight, bias] as const),
  },
  {
    name: "Keras",
    convention: { mean: ORIGINAL_MEAN, scale: [255, 255, 255], order: [2, 1, 0] },
    oihw: false,
    layers: (names) => byBlock(names, /block(\d)_conv(\d)(?:\/block\d_conv\d)?[/_](kernel|bias|W|b)(?:_1)?(?::0)?$/),
  },
  {
    name: "the network's authors, as npz",
    convention: { mean: ORIGINAL_MEAN, scale: [255, 255, 255], order: [0, 1, 2] },
    oihw: false,
    layers: (names) => byBlock(names, /^conv(\d)_(\d)_(W|b)$/),
  },
];

/** Folds the scale into the first filter and reorders its channels to R, G, B, so that only the mean remains to subtract. */
function foldInput({ shape, values }: NamedTensor, { scale, order }: Convention): NamedTensor {
  const outputs = shape[3]!, folded = new Float32Array(values.length);
  for (let place = 0; place < values.length; place += 3 * outputs) {
    for (let channel = 0; channel < 3; channel++) {
      const from = place + order[channel]! * outputs, to = place + channel * outputs;
      for (let o = 0; o < outputs; o++) folded[to + o] = values[from + o]! * scale[channel]!;
    }
  }
  return { shape, values: folded };
}

/**
 * Converts the convolutions of VGG16 or VGG19 from a publisher's names and preprocessing to one convention: RGB in [0,
 * 1], from which the tensor `mean` is subtracted; other scales are folded into the first filter. The classifier is
 * omitted.
 */
function convert({ tensors, location }: ModelFile): ImportedWeights | undefined {
  const names = [...tensors.keys()];
  const publisher = PUBLISHERS.find((candidate) => candidate.layers(names).length > 0);
  if (publisher === undefined) return undefined;
  const { convention, oihw } = publisher, layers = publisher.layers(names);
  const network = NETWORKS.find((name) => vggLayers(name).length === layers.length);
  if (network === undefined) {
    throw new UsageError(
      `${location} has ${layers.length} convolutions; VGG16 has 13 and VGG19 has 16, give one of them`,
      { code: "unsupported-model" },
    );
  }
  const converted = new Map<string, NamedTensor>();
  converted.set(`${network}.mean`, { shape: [3], values: Float32Array.from(convention.mean) });
  for (const [i, layer] of vggLayers(network).entries()) {
    const [weightName, biasName] = layers[i]!, stored = tensors.get(weightName)!(), bias = tensors.get(biasName)?.();
    const weight = oihw ? ops.hwioFromOihw(stored) : stored;
    const isVgg = weight.shape.length === 4 && weight.shape[0] === 3 && weight.shape[1] === 3 &&
      (i > 0 || weight.shape[2] === 3) && bias?.shape.length === 1 && bias.shape[0] === weight.shape[3];
    if (!isVgg) {
      throw new UsageError(
        `${location}: "${weightName}" is [${stored.shape.join(", ")}], which is not a layer of VGG`,
        { code: "unsupported-model" },
      );
    }
    converted.set(`${network}.${layer}.weight`, i === 0 ? foldInput(weight, convention) : weight);
    converted.set(`${network}.${layer}.bias`, bias);
  }
  const training = { network, use: "features that a loss compares", publisher: publisher.name };
  return { tensors: converted, facts: { pixelRange: [0, 1], mean: convention.mean, training } };
}

/** Importer of VGG16 and VGG19. */
export const vggImporter: WeightsImporter = {
  description: "VGG16 or VGG19 of PyTorch (.pth, ONNX, safetensors), Keras (.h5), TensorFlow.js (model.json) or its " +
    "authors (.npz)",
  convert,
};
