import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { type ModelFile, type NamedTensor, UsageError } from "@slomo/core";
import { pytorchPort } from "./import_port.ts";

const WIDTH = 1 / 16;
const CHANNELS = [32, 64, 128, 256, 512, 512].map((count) => count * WIDTH);

/** Returns a reader of a tensor with some values. */
type Reader = () => NamedTensor;

function tensor(...shape: number[]): Reader {
  const size = shape.reduce((a, b) => a * b);
  return () => ({ shape, values: Float32Array.from({ length: size }, (_, i) => i % 1013) });
}

/** Returns a state dictionary of the port's UNet, with few channels. */
function state(inputs: number, outputs: number): Map<string, Reader> {
  const [a, ...deeper] = CHANNELS as [number, ...number[]],
    layers: [string, number, number, number][] = [
      ["conv1", inputs, a, 7],
      ["conv2", a, a, 7],
    ];
  deeper.forEach((count, i) => {
    const kernel = i === 0 ? 5 : 3;
    layers.push([`down${i + 1}.conv1`, CHANNELS[i]!, count, kernel], [`down${i + 1}.conv2`, count, count, kernel]);
  });
  for (let i = 1; i <= 5; i++) {
    const below = CHANNELS[6 - i]!, count = CHANNELS[5 - i]!;
    layers.push([`up${i}.conv1`, below, count, 3], [`up${i}.conv2`, 2 * count, count, 3]);
  }
  layers.push(["conv3", a, outputs, 3]);
  return new Map(layers.flatMap(([name, from, to, kernel]) => [
    [`${name}.weight`, tensor(to, from, kernel, kernel)],
    [`${name}.bias`, tensor(to)],
  ]));
}

/** Returns a checkpoint of two state dictionaries. */
function checkpoint(flow: Map<string, Reader>, between: Map<string, Reader>): ModelFile {
  const below = (key: string, state: Map<string, Reader>) =>
    [...state].map(([n, read]) => [`${key}.${n}`, read] as const);
  const tensors = new Map([...below("state_dictFC", flow), ...below("state_dictAT", between)]);
  return { format: "torch", location: "s.ckpt", metadata: {}, precision: "F32", tensors };
}

/** Converts both networks. */
function convert(flow: Map<string, Reader>, between: Map<string, Reader>) {
  const file = checkpoint(flow, between);
  return { flow: pytorchPort.flowEstimator.convert(file)!, interpolation: pytorchPort.interpolator.convert(file)! };
}

Deno.test("pytorchPort converts options and the names of all tensors", () => {
  const { flow, interpolation } = convert(state(6, 4), state(20, 5));
  const tensors = new Map([...flow.tensors, ...interpolation.tensors]);
  const unet = { width: WIDTH, firstKernel: 7, secondKernel: 5, flowScale: 1, flowActivation: "leakyRelu" };
  equal(flow.options, { ...unet, flowLevels: [1] });
  equal(interpolation.options, { ...unet, interpolationInput: "withFlows" });
  for (const { facts } of [flow, interpolation]) {
    equal([facts.pixelRange, facts.mean], [[0, 1], [0.429, 0.431, 0.397]]);
  }
  equal(tensors.size, 2 * 46);
  equal(tensors.get("flow.encoder.0.conv1.weight")!.shape, [7, 7, 6, 2]);
  equal(tensors.get("flow.encoder.5.conv2.weight")!.shape, [3, 3, 32, 32]);
  equal(tensors.get("flow.decoder.0.conv2.weight")!.shape, [3, 3, 64, 32]);
  equal(tensors.get("flow.decoder.4.conv1.weight")!.shape, [3, 3, 4, 2]);
  equal(tensors.get("interpolation.output.bias")!.shape, [5]);
});

Deno.test("pytorchPort reorders the input channels of the interpolation network", () => {
  const between = state(20, 5), { shape } = between.get("conv1.weight")!();
  between.set("conv1.weight", () => ({
    shape,
    values: Float32Array.from({ length: 2 * 20 * 49 }, (_, i) => Math.floor(i / 49) % 20),
  }));
  const { tensors } = convert(state(6, 4), between).interpolation;
  const { values } = tensors.get("interpolation.encoder.0.conv1.weight")!;
  const firstOutput = Array.from({ length: 20 }, (_, i) => values[2 * i]);
  const [i0, i1, f01, f10, toSecond, toFirst, g1, g0] = [[0, 1, 2], [3, 4, 5], [6, 7], [8, 9], [10, 11], [12, 13], [
    14,
    15,
    16,
  ], [17, 18, 19]];
  equal(firstOutput, [i0, i1, g0, g1, toFirst, toSecond, f01, f10].flat());
});

Deno.test("pytorchPort ignores other files and rejects other networks", () => {
  const flowAlone = checkpoint(state(6, 4), new Map());
  equal(pytorchPort.flowEstimator.convert(flowAlone), undefined);
  equal(pytorchPort.interpolator.convert(flowAlone), undefined);
  const refuses = (flow: Map<string, Reader>, between: Map<string, Reader>, message: RegExp) =>
    throws(() => convert(flow, between), (error) => {
      equal(error instanceof UsageError && message.test(error.message), true, `${error}`);
      return true;
    });
  refuses(state(6, 4), state(16, 5), /state_dictAT has 16 input and 5 output channels instead of 20 and 5/);
  refuses(new Map([...state(6, 4), ["conv9.weight", tensor(1)]]), state(20, 5), /state_dictFC contains "conv9.weight"/);
  refuses(new Map([...state(6, 4)].slice(1)), state(20, 5), /contains 45 tensors instead of 46/);
});
