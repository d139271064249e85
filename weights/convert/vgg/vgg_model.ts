import { UsageError } from "@slomo/core";
import type { NamedTensor } from "@slomo/core";
import { hwioFromOihw } from "../filter_layout.ts";
import type { ConvertedModel } from "../source_format.ts";

/** Tensors of a file, each read when it is wanted. */
export type LazyTensors = ReadonlyMap<string, () => NamedTensor>;

/** Convolutions of each block by name of the network. */
const BLOCKS: Readonly<Record<string, readonly number[]>> = { vgg16: [2, 2, 3, 3, 3], vgg19: [2, 2, 4, 4, 4] };

/** How a publisher's network takes pixels: (x − mean) · scale for x in [0, 1], channels in `order`. */
interface Convention {
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
  readonly order: readonly [number, number, number];
}

/** Means of Simonyan and Zisserman's own weights in levels, R, G, B. */
const LEVELS = [123.68 / 255, 116.779 / 255, 103.939 / 255] as const;

/** A publisher's names and conventions. */
interface Publisher {
  readonly name: string;
  readonly convention: Convention;
  /** Whether filters are [output, input, height, width]. */
  readonly oihw: boolean;
  /** Names of filter and bias by layer, in the network's order, as far as the file has them. */
  layers(names: readonly string[]): readonly (readonly [weight: string, bias: string])[];
}

/** Pairs of names that `pattern` finds; it gives block, number and kind of a name. */
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
    convention: { mean: LEVELS, scale: [255, 255, 255], order: [2, 1, 0] },
    oihw: false,
    layers: (names) => byBlock(names, /block(\d)_conv(\d)(?:\/block\d_conv\d)?[/_](kernel|bias|W|b)(?:_1)?(?::0)?$/),
  },
  {
    name: "the network's authors, as npz",
    convention: { mean: LEVELS, scale: [255, 255, 255], order: [0, 1, 2] },
    oihw: false,
    layers: (names) => byBlock(names, /^conv(\d)_(\d)_(W|b)$/),
  },
];

/** The first filter for inputs that only lack the mean: scale folded in, channels as R, G, B. */
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
 * VGG16's or VGG19's convolutions from a publisher's file, in one convention: RGB in [0, 1], of which the tensor `mean` is
 * subtracted; every other scale is folded into the first filter. The classifier is left out. `undefined` where the names
 * are of no publisher that is known.
 *
 * @param location Name of the file for errors.
 * @throws {UsageError} If it is another network of theirs.
 */
export function vggModel(tensors: LazyTensors, location: string): ConvertedModel | undefined {
  const names = [...tensors.keys()];
  const publisher = PUBLISHERS.find((candidate) => candidate.layers(names).length > 0);
  if (publisher === undefined) return undefined;
  const { convention, oihw } = publisher, layers = publisher.layers(names);
  const network = Object.keys(BLOCKS).find((name) => BLOCKS[name]!.reduce((a, b) => a + b) === layers.length);
  const blocks = BLOCKS[network ?? ""];
  if (network === undefined || blocks === undefined) {
    throw new UsageError(
      `${location} has ${layers.length} convolutions; VGG16 has 13 and VGG19 has 16, give one of them`,
    );
  }
  const places = blocks.flatMap((count, block) => Array.from({ length: count }, (_, i) => `conv${block + 1}_${i + 1}`));
  const converted = new Map<string, NamedTensor>();
  converted.set(`${network}.mean`, { shape: [3], values: Float32Array.from(convention.mean) });
  layers.forEach(([weightName, biasName], i) => {
    const stored = tensors.get(weightName)!(), bias = tensors.get(biasName)?.();
    const weight = oihw ? hwioFromOihw(stored) : stored;
    const isVgg = weight.shape.length === 4 && weight.shape[0] === 3 && weight.shape[1] === 3 &&
      (i > 0 || weight.shape[2] === 3) && bias?.shape.length === 1 && bias.shape[0] === weight.shape[3];
    if (!isVgg) {
      throw new UsageError(`${location}: "${weightName}" is [${stored.shape.join(", ")}], which is no layer of VGG`);
    }
    converted.set(`${network}.${places[i]}.weight`, i === 0 ? foldInput(weight, convention) : weight);
    converted.set(`${network}.${places[i]}.bias`, bias);
  });
  return {
    facts: {
      version: 1,
      pixelRange: [0, 1],
      mean: convention.mean,
      training: { network, use: "features that a loss compares", publisher: publisher.name },
    },
    tensors: converted,
    precision: "F32",
  };
}
