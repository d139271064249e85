import { type ImportedWeights, type ModelFile, type NamedTensor, UsageError, type WeightsImporter } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { CHANNELS, RESIDUALS } from "./block.ts";
import { FIRST_INPUTS, INPUTS, OUTPUTS } from "./network.ts";

/** Pixels of a block of the PixelShuffle of the checkpoint. */
const CORNERS = 4;

/** Reads the tensors of the checkpoint by their names without `module.`, which DataParallel puts before each. */
function readerOf({ tensors, location }: ModelFile): (name: string) => NamedTensor {
  return (name) => {
    const read = tensors.get(name) ?? tensors.get(`module.${name}`);
    if (read === undefined) throw new UsageError(`${location}: "${name}" is missing, so that it is not RIFE 4.25`);
    return read();
  };
}

/** PixelShuffle has the channel before the pixel of the block on the axis of outputs, depth to space the pixel first. */
function shuffledOutputs(values: Float32Array, stride: number): Float32Array {
  const reordered = new Float32Array(values.length), block = OUTPUTS * CORNERS * stride;
  for (let begin = 0; begin < values.length; begin += block) {
    for (let output = 0; output < OUTPUTS; output++) {
      for (let corner = 0; corner < CORNERS; corner++) {
        const from = begin + (output * CORNERS + corner) * stride;
        reordered.set(values.subarray(from, from + stride), begin + (corner * OUTPUTS + output) * stride);
      }
    }
  }
  return reordered;
}

/** PyTorch has filters of transposed convolutions in IOHW, TensorFlow in HWOI. */
const hwoiFromIohw = (tensor: NamedTensor): NamedTensor => ops.hwioFromOihw(tensor);

/** Multiplies the outputs of a convolution, OIHW or a bias, by `factors`. */
function scaledOutputs({ shape, values }: NamedTensor, factors: Float32Array): NamedTensor {
  const each = values.length / factors.length;
  return { shape, values: values.map((value, i) => value * factors[Math.floor(i / each)]!) };
}

function convert(file: ModelFile): ImportedWeights | undefined {
  const names = [...file.tensors.keys()].map((name) => name.replace(/^module\./, ""));
  if (!["block0.conv0.0.0.weight", "block0.lastconv.0.weight"].every((name) => names.includes(name))) return undefined;
  const read = readerOf(file), tensors = new Map<string, NamedTensor>();
  const requireShape = (name: string, { shape }: NamedTensor, expected: readonly number[]) => {
    if (shape.join() === expected.join()) return;
    throw new UsageError(
      `${file.location}: "${name}" is [${shape.join(", ")}] and not [${
        expected.join(", ")
      }], so that it is not RIFE 4.25; ` +
        "use the checkpoint of that version",
    );
  };
  const put = (name: string, tensor: NamedTensor) => tensors.set(`interpolation.${name}`, tensor);
  const convolution = (name: string, from: string) => {
    put(`${name}.weight`, ops.hwioFromOihw(read(`${from}.weight`)));
    put(`${name}.bias`, read(`${from}.bias`));
  };
  for (let i = 0; i < 3; i++) convolution(`encoder.${i}`, `encode.cnn${i}`);
  const last = read("encode.cnn3.weight");
  requireShape("encode.cnn3.weight", last, [16, 4, 4, 4]);
  put("encoder.3.weight", hwoiFromIohw(last));
  put("encoder.3.bias", read("encode.cnn3.bias"));
  const channels: number[] = [];
  for (let i = 0; i < CHANNELS.length; i++) {
    const from = `block${i}`, name = `block.${i}`, first = read(`${from}.conv0.0.0.weight`);
    const count = read(`${from}.conv0.1.0.weight`).shape[0]!;
    channels.push(count);
    requireShape(`${from}.conv0.0.0.weight`, first, [count / 2, i === 0 ? FIRST_INPUTS : INPUTS, 3, 3]);
    convolution(`${name}.down.0`, `${from}.conv0.0.0`);
    convolution(`${name}.down.1`, `${from}.conv0.1.0`);
    for (let k = 0; k < RESIDUALS; k++) {
      // conv(x) · beta + x: the factor becomes part of the convolution.
      const block = `${from}.convblock.${k}`, beta = read(`${block}.beta`).values;
      put(`${name}.residual.${k}.weight`, ops.hwioFromOihw(scaledOutputs(read(`${block}.conv.weight`), beta)));
      put(`${name}.residual.${k}.bias`, scaledOutputs(read(`${block}.conv.bias`), beta));
    }
    const up = read(`${from}.lastconv.0.weight`), bias = read(`${from}.lastconv.0.bias`);
    requireShape(`${from}.lastconv.0.weight`, up, [count, CORNERS * OUTPUTS, 4, 4]);
    const { shape, values } = hwoiFromIohw(up);
    put(`${name}.up.weight`, { shape, values: shuffledOutputs(values, count) });
    put(`${name}.up.bias`, { shape: bias.shape, values: shuffledOutputs(bias.values, 1) });
  }
  return {
    options: { channels },
    tensors,
    facts: {
      pixelRange: [0, 1],
      mean: [0, 0, 0],
      training: { source: "flownet.pkl of RIFE 4.25, by the authors of Practical-RIFE" },
      license: "MIT (Practical-RIFE)",
    },
  };
}

/** Importer of the checkpoint `flownet.pkl` of RIFE 4.25, which holds the network IFNet. */
export const rifeCheckpoint: WeightsImporter = { description: "flownet.pkl of RIFE 4.25", convert };
