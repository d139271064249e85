import type { WeightsFacts } from "@slomo/core";
import { UsageError } from "@slomo/core";
import type { NamedTensor } from "@slomo/core";
import { hwioFromOihw } from "./filter_layout.ts";
import type { ConvertedModel } from "./source_format.ts";
import type { TorchTensor, TorchValue } from "./torch/torch_file.ts";

/** Channels of the paper's first hierarchy. */
const FIRST_CHANNELS = 32;

/**
 * What the port's interpolation network sees is I0, I1, F(0→1), F(1→0), F^(t→1), F^(t→0), g(I1), g(I0); ours is I0, I1,
 * g(I0), g(I1), F^(t→0), F^(t→1), F(0→1), F(1→0). The port's channel for each of ours.
 */
const INPUT_ORDER = [0, 1, 2, 3, 4, 5, 17, 18, 19, 14, 15, 16, 12, 13, 10, 11, 6, 7, 8, 9];

/** Our name for a tensor of the port's UNet. */
function renamed(name: string): string | undefined {
  const [, layer, kind] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const fixed: Readonly<Record<string, string>> = {
    conv1: "encoder.0.conv1",
    conv2: "encoder.0.conv2",
    conv3: "output",
  };
  const [, way, level, conv] = /^(down|up)([1-5])\.(conv[12])$/.exec(layer ?? "") ?? [];
  const ours = way === undefined
    ? fixed[layer ?? ""]
    : way === "down"
    ? `encoder.${level}.${conv}`
    : `decoder.${Number(level) - 1}.${conv}`;
  return ours && `${ours}.${kind}`;
}

/** Layers of a UNet of the port's, two tensors each. */
const LAYERS = 23;

function withInputOrder({ shape, values }: NamedTensor, order: readonly number[]): NamedTensor {
  const inputs = shape[2]!, outputs = shape[3]!, turned = new Float32Array(values.length);
  for (let place = 0; place < values.length; place += inputs * outputs) {
    order.forEach((from, to) =>
      turned.set(values.subarray(place + from * outputs, place + (from + 1) * outputs), place + to * outputs)
    );
  }
  return { shape, values: turned };
}

interface Network {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly width: number;
  readonly firstKernel: number;
  readonly secondKernel: number;
}

function network(
  state: ReadonlyMap<string, TorchValue>,
  key: string,
  inputs: number,
  outputs: number,
  location: string,
): Network {
  const refuse = (why: string): never => {
    throw new UsageError(`${location}: ${key} ${why}, so that it is not a network of Super SloMo's PyTorch port`);
  };
  const tensors = new Map<string, NamedTensor>();
  for (const [name, value] of state) {
    const plain = name.replace(/^module\./, ""), ours = renamed(plain);
    if (ours === undefined || value instanceof Map) return refuse(`holds "${name}"`);
    const tensor = (value as TorchTensor).read();
    tensors.set(ours, tensor.shape.length === 4 ? hwioFromOihw(tensor) : tensor);
  }
  if (tensors.size !== 2 * LAYERS) return refuse(`holds ${tensors.size} tensors in place of ${2 * LAYERS}`);
  const first = tensors.get("encoder.0.conv1.weight")!, last = tensors.get("output.weight")!;
  const second = tensors.get("encoder.1.conv1.weight")!;
  if (first.shape[2] !== inputs || last.shape[3] !== outputs) {
    return refuse(`takes ${first.shape[2]} channels and gives ${last.shape[3]} in place of ${inputs} and ${outputs}`);
  }
  return {
    tensors,
    width: first.shape[3]! / FIRST_CHANNELS,
    firstKernel: first.shape[0]!,
    secondKernel: second.shape[0]!,
  };
}

/**
 * The two networks of a checkpoint `SuperSloMo.ckpt` of the much used PyTorch port: `state_dictFC` and `state_dictAT`. It
 * has a leaky ReLU on all outputs, the flow between the frames among the second network's inputs, and a mean that is
 * subtracted from pixels. Its warp, unlike ours, does not leave the picture in place where there is no flow, so that ours
 * gives other, better aligned, pictures. `undefined` for another file.
 *
 * @param location Name of the file for errors.
 * @throws {UsageError} If a network is another one.
 */
export function superSlomoCheckpoint(
  file: ReadonlyMap<string, TorchValue>,
  location: string,
): ConvertedModel | undefined {
  const computation = file.get("state_dictFC"), interpolation = file.get("state_dictAT");
  if (!(computation instanceof Map && interpolation instanceof Map)) return undefined;
  const flow = network(computation, "state_dictFC", 6, 4, location);
  const between = network(interpolation, "state_dictAT", INPUT_ORDER.length, 5, location);
  const options = ({ width, firstKernel, secondKernel }: Network) => ({
    width,
    firstKernel,
    secondKernel,
    flowScale: 1,
    flowActivation: "leakyRelu",
  });
  const facts: WeightsFacts = {
    version: 1,
    flowEstimator: { name: "super-slomo", options: { ...options(flow), flowLevels: [1] } },
    interpolator: { name: "super-slomo", options: { ...options(between), interpolationInput: "withFlows" } },
    pixelRange: [0, 1],
    mean: [0.429, 0.431, 0.397],
    training: {
      source: "SuperSloMo.ckpt of the PyTorch port",
      note: "trained with a warp that divides its grid by the width in place of the width less one; slomo's does not",
    },
  };
  const tensors = new Map<string, NamedTensor>();
  for (const [name, tensor] of flow.tensors) tensors.set(`flow.${name}`, tensor);
  for (const [name, tensor] of between.tensors) {
    const isFirst = name === "encoder.0.conv1.weight";
    tensors.set(`interpolation.${name}`, isFirst ? withInputOrder(tensor, INPUT_ORDER) : tensor);
  }
  return { facts, tensors, precision: "F32" };
}
