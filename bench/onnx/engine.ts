/** One backend on the shipped model, timed: `engine.ts BACKEND WIDTHxHEIGHT THREADS PAIRS`. Prints one line of JSON. */
import type { Image, PairJob } from "@slomo/core";
import { chooseBackend, createComputer } from "@slomo/core/runtime";
import process from "node:process";
import { openWeightsFile, readManifest } from "../../scripts/_toolkit.ts";

const [backend, size, threads, pairs] = Deno.args as [string, string, string, string];
const [width, height] = size.split("x").map(Number) as [number, number];

function noise(seed: number): Image {
  let state = seed;
  const next = () => (state = Math.imul(state, 1664525) + 1013904223 >>> 0) >>> 24;
  const planes = [0, 1, 2].map(() => Uint8Array.from({ length: width * height }, next));
  return { width, height, format: { model: "rgb", depth: 8, chroma: [1, 1], alpha: false }, colour: {}, planes };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const manifest = await readManifest(), weights = await openWeightsFile(manifest);
const { backend: open } = await chooseBackend(backend, "interpolate");
const setup = { manifest, weights, backend, device: undefined, threads: Number(threads), flowScale: 1 };
const computer = await createComputer(open, setup);
const job: PairJob = { first: noise(1), second: noise(2), times: [0.5], details: false };
const runs: { flow: number; frame: number; whole: number; cpu: number }[] = [];
for (let i = 0; i <= Number(pairs); i++) {
  const used = process.cpuUsage(), begun = performance.now();
  const { timing } = await computer.run(job);
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
