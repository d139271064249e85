/** Measures one backend on the model super-slomo: `engine.ts BACKEND WIDTHxHEIGHT THREADS PAIRS`. Prints one line of JSON. */
import { BACKENDS } from "@slomo/slomo/backends";
import type { PairJob } from "@slomo/core";
import { chooseBackend, openPairInterpolator } from "@slomo/engine";
import process from "node:process";
import { openModel, openToolkit } from "../../scripts/_toolkit.ts";
import { noiseImage } from "../noise_image.ts";

const [backend, size, threads, pairs] = Deno.args as [string, string, string, string];
const [width, height] = size.split("x").map(Number) as [number, number];

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const { toolkit, weights } = await openModel(await openToolkit({ model: "super-slomo" }));
const { backend: open } = await chooseBackend(backend, "interpolate", {}, BACKENDS);
const setup = { toolkit, weights, threads: Number(threads), flowScale: 1 };
const interpolator = await openPairInterpolator(open, setup);
const job: PairJob = {
  first: noiseImage(width, height, 1),
  second: noiseImage(width, height, 2),
  times: [0.5],
  details: false,
};
const runs: { flow: number; frame: number; whole: number; cpu: number }[] = [];
for (let i = 0; i <= Number(pairs); i++) {
  const used = process.cpuUsage(), begun = performance.now();
  const { timing } = await interpolator.run(job);
  const { user, system } = process.cpuUsage(used);
  runs.push({
    flow: timing.flow!,
    frame: timing.interpolation!,
    whole: performance.now() - begun,
    cpu: (user + system) / 1000,
  });
}
const of = (key: keyof typeof runs[number]) => median(runs.slice(1).map((run) => run[key]));
console.log(JSON.stringify({ flow: of("flow"), frame: of("frame"), whole: of("whole"), cpu: of("cpu") }));
Deno.exit(0);
