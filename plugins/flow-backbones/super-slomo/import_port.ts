import { type ImportedWeights, type ModelFile, type NamedTensor, UsageError, type WeightsImporter } from "@slomo/core";
import defer * as ops from "@slomo/ops";

/** Channels of the paper's first hierarchy. */
const FIRST_CHANNELS = 32;

/**
 * Input channels of the port's interpolation network: I0, I1, F(0→1), F(1→0), F^(t→1), F^(t→0), g(I1), g(I0). slomo's:
 * I0, I1, g(I0), g(I1), F^(t→0), F^(t→1), F(0→1), F(1→0). This is the port's channel for each of slomo's.
 */
const INPUT_ORDER = [0, 1, 2, 3, 4, 5, 17, 18, 19, 14, 15, 16, 12, 13, 10, 11, 6, 7, 8, 9];

/** Returns slomo's name for a tensor of the port's UNet. */
function renamed(name: string): string | undefined {
  const [, layer, kind] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const fixed: Readonly<Record<string, string>> = {
    conv1: "encoder.0.conv1",
    conv2: "encoder.0.conv2",
    conv3: "output",
  };
  const [, direction, level, conv] = /^(down|up)([1-5])\.(conv[12])$/.exec(layer ?? "") ?? [];
  const converted = direction === undefined
    ? fixed[layer ?? ""]
    : direction === "down"
    ? `encoder.${level}.${conv}`
    : `decoder.${Number(level) - 1}.${conv}`;
  return converted && `${converted}.${kind}`;
}

/** Layers of one UNet of the port, two tensors each. */
const LAYERS = 23;

function withInputOrder({ shape, values }: NamedTensor, order: readonly number[]): NamedTensor {
  const inputs = shape[2]!, outputs = shape[3]!, reordered = new Float32Array(values.length);
  for (let place = 0; place < values.length; place += inputs * outputs) {
    order.forEach((from, to) =>
      reordered.set(values.subarray(place + from * outputs, place + (from + 1) * outputs), place + to * outputs)
    );
  }
  return { shape, values: reordered };
}

/** One of the two networks of the port. */
interface Network {
  /** Its dictionary in the checkpoint. */
  readonly key: string;
  /** Prefix of its tensors in a weights file. */
  readonly prefix: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Options of the part that the port's network does not vary. */
  readonly options: Readonly<Record<string, unknown>>;
}

const FLOW: Network = { key: "state_dictFC", prefix: "flow", inputs: 6, outputs: 4, options: { flowLevels: [1] } };
const INTERPOLATION: Network = {
  key: "state_dictAT",
  prefix: "interpolation",
  inputs: INPUT_ORDER.length,
  outputs: 5,
  options: { interpolationInput: "withFlows" },
};

function namesOf({ tensors }: ModelFile, { key }: Network): string[] {
  return [...tensors.keys()].filter((name) => name.startsWith(`${key}.`));
}

function convert(file: ModelFile, network: Network): ImportedWeights | undefined {
  if ([FLOW, INTERPOLATION].some((each) => namesOf(file, each).length === 0)) return undefined;
  const { key, prefix, inputs, outputs } = network;
  const refuse = (why: string): never => {
    throw new UsageError(`${file.location}: ${key} ${why}, so it is not a network of Super SloMo's PyTorch port`, {
      code: "unsupported-model",
    });
  };
  const tensors = new Map<string, NamedTensor>();
  for (const name of namesOf(file, network)) {
    // DataParallel puts "module." before each name.
    const plain = name.slice(key.length + 1).replace(/^module\./, ""), converted = renamed(plain);
    if (converted === undefined) return refuse(`contains "${plain}"`);
    const tensor = file.tensors.get(name)!();
    tensors.set(`${prefix}.${converted}`, tensor.shape.length === 4 ? ops.hwioFromOihw(tensor) : tensor);
  }
  if (tensors.size !== 2 * LAYERS) return refuse(`contains ${tensors.size} tensors instead of ${2 * LAYERS}`);
  const get = (name: string) => tensors.get(`${prefix}.${name}`)!, firstName = "encoder.0.conv1.weight";
  const first = get(firstName), second = get("encoder.1.conv1.weight"), last = get("output.weight");
  if (first.shape[2] !== inputs || last.shape[3] !== outputs) {
    return refuse(
      `has ${first.shape[2]} input and ${last.shape[3]} output channels instead of ${inputs} and ${outputs}`,
    );
  }
  if (network === INTERPOLATION) tensors.set(`${prefix}.${firstName}`, withInputOrder(first, INPUT_ORDER));
  return {
    options: {
      width: first.shape[3]! / FIRST_CHANNELS,
      firstKernel: first.shape[0]!,
      secondKernel: second.shape[0]!,
      flowScale: 1,
      flowActivation: "leakyRelu",
      ...network.options,
    },
    tensors,
    facts: {
      pixelRange: [0, 1],
      mean: [0.429, 0.431, 0.397],
      training: {
        source: "SuperSloMo.ckpt of the PyTorch port",
        note: "trained with a warp that divides its grid by the width instead of the width minus one; slomo's does not",
      },
    },
  };
}

const description = "SuperSloMo.ckpt of the PyTorch port";

/**
 * Importers of the checkpoint `SuperSloMo.ckpt` of the widely used PyTorch port, which contains both networks:
 * `state_dictFC` and `state_dictAT`. The port has a leaky ReLU on all outputs, feeds the flow between the frames to the
 * second network, and subtracts a mean from the pixels. For zero flow, the port's warp shifts the image, but slomo's
 * does not; slomo therefore returns different, better aligned frames.
 */
export const pytorchPort: Readonly<Record<"flowEstimator" | "interpolator", WeightsImporter>> = {
  flowEstimator: { description, convert: (file) => convert(file, FLOW) },
  interpolator: { description, convert: (file) => convert(file, INTERPOLATION) },
};
