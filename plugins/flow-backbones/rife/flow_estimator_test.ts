import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { chooseBackend } from "@slomo/engine";
import { loadParameters, openWeights } from "@slomo/weights";
import { backwardWarp } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { rifeFlow, type RifeFlowOptions, rifeFlowPart } from "./flow_estimator.ts";

const at = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);
const WIDTH = 72, HEIGHT = 56, PAIR_WIDTH = 100, PAIR_HEIGHT = 72;

const make = (options: RifeFlowOptions) => rifeFlow(options, { warp: { warp: backwardWarp } });

/** The frames of the fixture, [1, 56, 72, 3] each. */
async function pair(): Promise<readonly [tf.Tensor4D, tf.Tensor4D]> {
  const pixels = Float32Array.from(await Deno.readFile(at("pair.rgb")), (value) => value / 255);
  const whole = tf.tensor4d(pixels, [2, PAIR_HEIGHT, PAIR_WIDTH, 3]);
  return [0, 1].map((i) => tf.slice(whole, [i, 0, 0, 0], [1, HEIGHT, WIDTH, 3])) as [tf.Tensor4D, tf.Tensor4D];
}

Deno.test("rifeFlow() estimates the flow that PyTorch computes, in both directions, with the same weights", async () => {
  await chooseBackend("wasm", "train");
  const weights = openWeights(await Deno.readFile(at("flow.safetensors")));
  const estimator = make(weights.facts.flowEstimator!.options as RifeFlowOptions);
  const parameters = loadParameters(estimator.parameters, "flow", weights);
  const [first, second] = await pair(), { forward, backward } = estimator.estimate(parameters, first, second);
  const found = await tf.concat([forward, backward!], 0).data();
  const expected = new Float32Array((await Deno.readFile(at("flow.f32"))).buffer);
  const errors = Array.from(expected, (value, i) => Math.abs(value - found[i]!));
  ok(Math.max(...expected.map(Math.abs)) > 4);
  ok(Math.max(...errors) < 1e-3, `${Math.max(...errors)} pixels`);
});

Deno.test("rifeFlow() estimates zero flow with zero weights, and exchanges the directions with the frames", async () => {
  await chooseBackend("wasm", "train");
  const [first, second] = await pair(), estimator = make({ channels: [6, 4], reductions: [4, 2] });
  const drawn = (spread: number) =>
    Object.fromEntries(
      estimator.parameters.map((
        { name, shape },
        i,
      ) => [name, tf.randomUniform([...shape], -spread, spread, "float32", i)]),
    );
  const still = estimator.estimate(drawn(0), first, second);
  equal(tf.max(tf.abs(tf.concat([still.forward, still.backward!]))).dataSync()[0], 0);
  const parameters = drawn(0.3), there = estimator.estimate(parameters, first, second);
  const back = estimator.estimate(parameters, second, first);
  ok(tf.max(tf.abs(there.forward)).dataSync()[0]! > 0.1);
  for (const [a, b] of [[there.forward, back.backward!], [there.backward!, back.forward]] as const) {
    ok(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]! < 1e-4);
  }
});

Deno.test("rifeFlow() has the blocks of RIFE 4.25 but the last one as defaults, and refuses others that do not fit", async () => {
  equal(await rifeFlowPart.options["~standard"].validate({}), {
    value: { channels: [192, 128, 96, 64], reductions: [16, 8, 4, 2] },
  });
  equal(make({}).alignment, 64);
  equal(make({ channels: [8, 4], reductions: [4, 1] }).alignment, 16);
  for (const channels of [[4, 4, 4], [4, 4, 4, 3], [0, 4, 4, 4]]) throws(() => make({ channels }), /rife: channels/);
  for (const reductions of [[4, 3], [2, 4], [128, 2], [4, 2, 1]]) {
    throws(() => make({ channels: [4, 4], reductions }), /rife: .*reduction/);
  }
});
