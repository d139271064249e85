import { deepStrictEqual as equal, ok, rejects, throws } from "node:assert/strict";
import { chooseBackend, registerGradients } from "@slomo/engine";
import { type NetworksSetup, openPairNetworks } from "@slomo/engine/pair";
import { createToolkit } from "@slomo/core/manifest";
import { exportModel } from "@slomo/onnx";
import { openWeights, type WeightsFile, writeWeights } from "@slomo/weights";
import { readModel } from "@slomo/weights/convert";
import { type Parameters, UsageError } from "@slomo/core";
import { backwardWarp } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@slomo/engine/backends/cpu/kernels";
import { rife, rifePart } from "./interpolator.ts";
import { encodeFrame } from "./encoder.ts";

const at = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);
const WIDTH = 100, HEIGHT = 72, SIZE = 3 * WIDTH * HEIGHT;

/** The weights of the fixture, also with those of a refinement. */
async function smallWeights(precision: "F16" | "F32", refined: boolean): Promise<WeightsFile> {
  const { facts, tensors } = await readModel(await Deno.readFile(at("small.pt")), "small.pt", [rifePart]);
  if (!refined) return openWeights(writeWeights(facts, tensors, precision));
  const name = "refinement.safetensors", refinement = await readModel(await Deno.readFile(at(name)), name, []);
  return openWeights(writeWeights(refinement.facts, new Map([...tensors, ...refinement.tensors]), precision));
}

/** The network with the weights of the fixture, in a manifest as users have it. */
async function setup(
  flowScale: number,
  precision: "F16" | "F32" = "F32",
  refined = false,
): Promise<NetworksSetup & { weights: WeightsFile }> {
  const toolkit = await createToolkit({
    plugins: [new URL("../mod.ts", import.meta.url).href],
    use: { interpolator: { name: "rife" }, warp: { name: "backward" }, media: [] },
  });
  return { toolkit, weights: await smallWeights(precision, refined), flowScale };
}

/** Mean and largest difference from the frame of PyTorch. */
async function distanceFrom(name: string, frames: tf.Tensor): Promise<readonly [mean: number, largest: number]> {
  const expected = new Uint16Array((await Deno.readFile(at(name))).buffer), found = await frames.data();
  equal(found.length, expected.length);
  const errors = Array.from(expected, (value, i) => Math.abs(found[i]! - value / 65535));
  return [errors.reduce((sum, error) => sum + error, 0) / errors.length, Math.max(...errors)];
}

Deno.test("rife computes the frames that PyTorch computes, at any time and flow scale, also with weights in float16, and with a refinement", async () => {
  await chooseBackend("wasm", "train");
  const pair = await Deno.readFile(at("pair.rgb"));
  const frame = (i: number) =>
    tf.tensor4d(Float32Array.from(pair.subarray(i * SIZE, (i + 1) * SIZE), (v) => v / 255), [1, HEIGHT, WIDTH, 3]);
  for (
    const [name, t, flowScale, precision, limit] of [
      ["0.25-1", 0.25, 1, "F32", 1e-5],
      ["0.5-0.5", 0.5, 0.5, "F32", 1e-5],
      ["0.25-1", 0.25, 1, "F16", 1e-4],
      ["refined", 0.25, 1, "F32", 1e-5],
    ] as const
  ) {
    const networks = await openPairNetworks(await setup(flowScale, precision, name === "refined"));
    const parameters = networks.parameters("interpolation"),
      first = frame(0),
      second = frame(1),
      times = tf.tensor1d([t]);
    const before = tf.memory().numTensors;
    const output = networks.frames(parameters, { first, second }, times);
    equal(tf.memory().numTensors - before, 4);
    equal([networks.flow, output.frames.shape], [undefined, [1, HEIGHT, WIDTH, 3]]);
    const [mean, largest] = await distanceFrom(`frame-${name}.u16`, output.frames);
    ok(mean < limit && largest < 30 * limit, `${name}, ${precision}: ${mean}, ${largest}`);
    ok(tf.max(tf.abs(output.flowToFirst!)).dataSync()[0]! > 1);
    const firstFeatures = networks.prepareFrame!(parameters, first);
    const secondFeatures = networks.prepareFrame!(parameters, second);
    const prepared = networks.frames(parameters, { first, second, firstFeatures, secondFeatures }, times);
    equal(await prepared.frames.data(), await output.frames.data());
    tf.dispose([firstFeatures, secondFeatures, ...Object.values(prepared)] as tf.TensorContainer);
    tf.dispose([parameters, first, second, times, ...Object.values(output)] as tf.TensorContainer);
  }
});

Deno.test("rife interpolates all times of a pair as each by itself", async () => {
  await chooseBackend("wasm", "train");
  const { parameters, interpolate } = small();
  const input = { first: noise([1, 12, 20, 3], 1), second: noise([1, 12, 20, 3], 2) };
  const both = interpolate(parameters, { ...input, times: tf.tensor1d([0.25, 0.75]) });
  for (const [i, t] of [0.25, 0.75].entries()) {
    const one = interpolate(parameters, { ...input, times: tf.tensor1d([t]) });
    const part = tf.slice(both.frames, [i, 0, 0, 0], [1, 12, 20, 3]);
    ok(tf.max(tf.abs(tf.sub(part, one.frames))).dataSync()[0]! < 1e-6);
  }
});

Deno.test("rife with reduced warps computes the same frames where the flow is constant", async () => {
  await chooseBackend("wasm", "train");
  const first = noise([1, 64, 128, 3], 1), second = noise([1, 64, 128, 3], 2), times = tf.tensor1d([0.5]);
  const whole = small(), reduced = small(true);
  const difference = (parameters: Parameters, flowScale: number) => {
    const frames = [whole, reduced].map(({ interpolate }) =>
      interpolate(parameters, { first, second, times, flowScale }).frames
    );
    return tf.max(tf.abs(tf.sub(frames[0]!, frames[1]!))).dataSync()[0]!;
  };
  // Each block adds flow to the right and downward. At the other borders, means of pixels outside the image differ.
  const constant = Object.fromEntries(
    Object.entries(whole.parameters).map(([name, x]) => {
      if (!name.includes(".up.")) return [name, x];
      const outputs = x.shape[x.rank === 1 ? 0 : 2]! / 4;
      const flow = tf.concat([tf.ones([4]), tf.zeros([outputs - 4])]);
      const mask = tf.reshape(tf.tile(flow, [4]), x.rank === 1 ? [-1] : [1, 1, -1, 1]);
      const other = tf.mul(x, tf.sub(1, mask));
      return [name, x.rank === 1 ? tf.add(other, tf.mul(mask, 0.17)) : other];
    }),
  );
  for (const flowScale of [1, 0.5]) ok(difference(constant, flowScale) < 1e-4, `${difference(constant, flowScale)}`);
  ok(difference(whole.parameters, 1) > 1e-4);
});

Deno.test("rife without a block of reduction 1 sees means over 2×2 pixels of frames and features", async () => {
  await chooseBackend("wasm", "train");
  const { parameters } = small(), frame = noise([2, 12, 20, 3], 3);
  const seen = (...reductions: number[]) => encodeFrame(parameters, frame, { reductions, reducedWarps: false }).seen;
  const means = tf.avgPool(seen(2, 1), 2, 2, "valid"), halved = seen(4, 2);
  equal(halved.shape, [2, 6, 10, 7]);
  ok(tf.max(tf.abs(tf.sub(halved, means))).dataSync()[0]! < 1e-5);
});

Deno.test("rife is exported for any size", async () => {
  await tf.setBackend("cpu");
  for (const refined of [false, true]) {
    const model = await exportModel({ ...await setup(1, "F32", refined), size: undefined, version: "1" });
    ok(new TextDecoder().decode(model).includes("padded to multiples of 64 within"));
  }
});

Deno.test("rife takes flow scales of 1, ½ and ¼, and refuses other ones and wrong channels", async () => {
  await chooseBackend("wasm", "train");
  const { parameters, interpolate, part } = small();
  const input = { first: noise([1, 4, 4, 3], 1), second: noise([1, 4, 4, 3], 2), times: tf.tensor1d([0.5]) };
  equal(interpolate(parameters, { ...input, flowScale: 0.25 }).frames.shape, [1, 4, 4, 3]);
  throws(
    () => interpolate(parameters, { ...input, flowScale: 0.3 }),
    (error) => error instanceof UsageError && /`flowScale` must be 1, 0.5 or 0.25, got 0.3/.test(error.message),
  );
  equal([part.takesFlowScale, part.multiple, rifePart.alignment], [true, 1, 64]);
  for (const channels of [[4, 4, 4, 4], [4, 4, 4, 4, 3], [0, 4, 4, 4, 4]]) {
    throws(() => rife({ channels }, { warp: { warp: backwardWarp } }), /rife: channels/);
  }
  for (const reductions of [[4, 3], [2, 4], [128, 2], [4, 2, 1]]) {
    throws(() => rife({ channels: [4, 4], reductions }, { warp: { warp: backwardWarp } }), /rife: .*reduction/);
  }
  await rejects(
    readModel(await Deno.readFile(at("small.pt")).then((bytes) => bytes.slice(0, 1000)), "cut.pt", [rifePart]),
    /cut\.pt/,
  );
});

Deno.test("rife learns to interpolate", async () => {
  await chooseBackend("wasm", "train");
  await registerGradients();
  const { parameters, interpolate, part } = small();
  const names = part.parameters.map(({ name }) => name);
  const variables = names.map((name) => tf.variable(parameters[name]!));
  const first = noise([1, 8, 8, 3], 1), second = noise([1, 8, 8, 3], 2), times = tf.tensor1d([0.5]);
  const truth = tf.add(tf.mul(first, 0.8), tf.mul(second, 0.2));
  const loss = () => {
    const own = Object.fromEntries(names.map((name, i) => [name, variables[i]!]));
    const { frames } = interpolate(own, { first, second, times });
    return tf.mean(tf.square(tf.sub(frames, truth))) as tf.Scalar;
  };
  const optimizer = tf.train.adam(1e-2), [begun] = loss().dataSync();
  for (let i = 0; i < 4; i++) optimizer.minimize(loss, false, variables);
  const [ended] = loss().dataSync();
  ok(ended! < 0.9 * begun!, `${begun}, ${ended}`);
  tf.dispose([variables, optimizer] as tf.TensorContainer);
});

/** Pseudorandom values in [0, 1), the same each time. */
function noise<R extends tf.Rank = tf.Rank.R4>(
  shape: readonly number[],
  seed: number,
  spread = 1,
  center = 0.5,
): tf.Tensor<R> {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => {
    const s = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return center + spread * (s - Math.floor(s) - 0.5);
  });
  return tf.reshape<R>(tf.tensor1d(values), [...shape] as tf.ShapeMap[R]);
}

/** A network of few channels. */
function small(reducedWarps = false) {
  const part = rife({ channels: [4, 2, 2, 2, 2], reducedWarps }, { warp: { warp: backwardWarp } });
  const parameters = Object.fromEntries(
    part.parameters.map(({ name, shape }, i) => [name, noise(shape, i, 0.5, 0)]),
  );
  return { part, parameters, interpolate: part.interpolate };
}
