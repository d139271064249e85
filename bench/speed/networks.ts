/** Measures the networks of a model in onnxruntime: `networks.ts MODEL WIDTHxHEIGHT THREADS PAIRS`. Prints one line of JSON. */
import { BACKENDS } from "@slomo/slomo/backends";
import type { PairJob } from "@slomo/core";
import { chooseBackend, openPairInterpolator } from "@slomo/engine";
import process from "node:process";
import { openModel, openToolkit } from "../../scripts/_toolkit.ts";
import { noiseImage } from "../noise_image.ts";
import { DEFAULT_MODEL } from "./options.ts";
import { type Duration, shortest } from "./processes.ts";

const [model, size, threads, pairs] = Deno.args as [string, string, string, string];
const [width, height] = size.split("x").map(Number) as [number, number];

const { toolkit, weights } = await openModel(await openToolkit(model === DEFAULT_MODEL ? {} : { model }));
const { backend } = await chooseBackend("onnx", "interpolate", {}, BACKENDS);
const interpolator = await openPairInterpolator(backend, { toolkit, weights, threads: Number(threads), flowScale: 1 });
const job: PairJob = {
  first: noiseImage(width, height, 1),
  second: noiseImage(width, height, 2),
  times: [0.5],
  details: false,
};

/** Measures one pair. */
async function measure(): Promise<Duration> {
  const used = process.cpuUsage(), begun = performance.now();
  const { timing } = await interpolator.run(job);
  const whole = performance.now() - begun, { user, system } = process.cpuUsage(used);
  const wall = timing.flow! + timing.interpolation!;
  // The rest, such as color conversion, runs in one thread.
  return { wall, cpu: (user + system) / 1000 - (whole - wall) };
}

await measure();
const all: Duration[] = [];
for (let i = 0; i < Number(pairs); i++) all.push(await measure());
console.log(JSON.stringify(shortest(all)));
Deno.exit(0);
