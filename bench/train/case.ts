/**
 * Measures training on one backend, in its own process; prints one line of JSON.
 * `case.ts step BACKEND PRECISION SIZE BATCH STEPS`: a {@linkcode StepTimes} of the recipe's step on one batch.
 * `case.ts run BACKEND PRECISION SIZE BATCH STEPS`: a {@linkcode RunFacts} of steps on synthetic motion, with a loader.
 */
import { BACKENDS } from "@slomo/slomo/backends";
import process from "node:process";
import * as tf from "@tensorflow/tfjs-core";
import { type Batch, createLoader, drawBatch, type Loader, SYNTHETIC } from "@slomo/training/data";
import { chooseBackend, type ComputePrecision, registerGradients } from "@slomo/engine";
import { chooseLosses, completeConfig, createLosses, createTrainNetworks, train } from "@slomo/training";
import { runNetworks } from "../../training/loop/forward.ts";
import { parametersOf, startVariables } from "../../training/loop/model.ts";
import { createMicroBatch, disposeMicroBatch } from "../../training/loop/micro_batch.ts";
import { readManifest } from "../../scripts/_toolkit.ts";
import { openSources } from "../../scripts/train/data_sources.ts";
import { convolutionFlops, createModel, ofWidth } from "../backends/model.ts";

/** Shortest wall time and CPU time in milliseconds. */
export interface Duration {
  readonly wall: number;
  readonly cpu: number;
}

/** Times of a step. */
export interface StepTimes {
  readonly device: string;
  readonly step: Duration;
  /** The networks alone, on the same batch. */
  readonly forward: Duration;
  /** Billions of multiplications and additions in the convolutions of a forward pass. */
  readonly gflop: number;
}

/** Measurements of a run. */
export interface RunFacts {
  /** Share of the time spent waiting for batches. */
  readonly waiting: number;
  /** Resident bytes after each tenth of the run. */
  readonly memory: readonly number[];
}

const [mode, name = "tensorflow", precision = "float32", ...numbers] = Deno.args;
const [size = 128, count = 8, steps = 8] = numbers.map(Number);
const WIDTH = 0.5;
const config = completeConfig({
  data: [SYNTHETIC],
  steps,
  model: {
    flowEstimator: { width: WIDTH, flowScale: 20, flowLevels: [1] },
    interpolator: { width: WIDTH, flowScale: 20 },
  },
  flowLevels: [],
  crops: [{ size, batch: count, weight: 1 }],
  precision: precision as ComputePrecision,
  schedule: { kind: "cosine", rate: 1e-4, warmup: 0, floor: 1 },
  every: { report: mode === "run" ? Math.max(1, Math.floor(steps / 10)) : 1, validate: steps, checkpoint: steps },
  validation: { samples: 1, size },
}, "the bench");

const { backend } = await chooseBackend(name, "train", { precision: config.precision }, BACKENDS);
await registerGradients();
const networks = await createTrainNetworks(await readManifest(), config, undefined);
const { losses } = await createLosses(
  networks,
  chooseLosses(config, networks.toolkit),
  () => Promise.reject(new TypeError("no weights")),
);
const sources = openSources(config, "train"), batch = drawBatch(config, sources, 0);

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Repeats a computation after a warm-up, and returns the shortest times. */
function least(times: readonly Duration[]): Duration {
  const [, ...warm] = times;
  return { wall: Math.min(...warm.map(({ wall }) => wall)), cpu: Math.min(...warm.map(({ cpu }) => cpu)) };
}

async function* reports(loader: Loader) {
  const { createOptimizer } = backend;
  const job = { config, networks, losses, loader, validation: [batch], backend: backend.name, createOptimizer };
  for await (const event of train(job)) if (event.type === "report") yield event.report;
}

async function timeSteps(): Promise<Duration> {
  const repeat: Loader = { next: () => Promise.resolve(batch), waiting: () => 0, close: () => {} };
  const times: Duration[] = [];
  let wall = performance.now(), used = cpu();
  for await (const _ of reports(repeat)) {
    times.push({ wall: performance.now() - wall, cpu: cpu() - used });
    [wall, used] = [performance.now(), cpu()];
  }
  return least(times);
}

async function timeForward(whole: Batch): Promise<Duration> {
  const variables = startVariables(networks, { seed: 1, adapt: false }, undefined),
    parameters = parametersOf(variables);
  const microBatch = createMicroBatch(whole, 0), times: Duration[] = [];
  for (let i = 0; i < steps; i++) {
    const wall = performance.now(), used = cpu();
    const frames = tf.tidy(() => runNetworks(networks.shipped, parameters, microBatch).output.frames);
    await frames.data();
    frames.dispose();
    times.push({ wall: performance.now() - wall, cpu: cpu() - used });
  }
  disposeMicroBatch(microBatch);
  tf.dispose(variables);
  return least(times);
}

async function run(): Promise<RunFacts> {
  const worker = new Worker(new URL("../../scripts/train/loader_worker.ts", import.meta.url), { type: "module" });
  worker.postMessage({ config });
  const loader = createLoader([worker], 0), memory: number[] = [], waiting: number[] = [];
  for await (const report of reports(loader)) {
    memory.push(Deno.memoryUsage().rss);
    waiting.push(report.waiting);
  }
  loader.close();
  // The first tenth includes the start of the loader's worker.
  const [, ...later] = waiting;
  return { waiting: later.reduce((sum, share) => sum + share, 0) / later.length, memory };
}

const times = async (): Promise<StepTimes> => ({
  device: backend.device,
  step: await timeSteps(),
  forward: await timeForward(batch),
  gflop: convolutionFlops(createModel(ofWidth(WIDTH)), size, size) * count / 1e9,
});
console.log(JSON.stringify(mode === "run" ? await run() : await times()));
await backend.close();
Deno.exit(0);
