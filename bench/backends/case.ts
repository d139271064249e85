/**
 * Times one backend in its own process: `case.ts BACKEND PRECISION WIDTH COLUMNSxROWS`, and prints a
 * {@linkcode CaseResult} as JSON.
 */
import { BACKENDS } from "@slomo/slomo/backends";
import process from "node:process";
import * as tf from "@tensorflow/tfjs-core";
import type { ComputePrecision } from "../../engine/backend.ts";
import { chooseBackend, type OpenTfjsBackend, registerGradients } from "@slomo/engine";
import { reasonOf } from "@slomo/core";
import { createAdam } from "../../training/loop/optimizer.ts";
import { runtimeForward } from "./graph_runtime.ts";
import { convolutionFlops, createModel, createSample, createTraining, forward, type Model, ofWidth } from "./model.ts";

/** Shortest times of a computation, in milliseconds. */
export interface Duration {
  /** Wall time. */
  readonly wall: number;
  /** CPU time of this process on all cores. */
  readonly cpu: number;
}

/** Measurements of one backend at one size. */
export interface CaseResult {
  readonly device: string;
  /** Billions of multiplications and additions in the convolutions of a forward pass. */
  readonly gflop: number;
  readonly forward: Duration;
  /** A step of Adam on the mean absolute error, or the reason why it cannot run. */
  readonly step: Duration | string;
  /** A product of two 2048 × 2048 matrices; absent for graph runtimes. */
  readonly product?: Duration | undefined;
  /** The warp of both frames of a pair; absent for graph runtimes. */
  readonly warp?: Duration | undefined;
}

const [name = "", precision = "float32", width = "0.5", size = "256x256"] = Deno.args;
const [columns = 0, rows = 0] = size.split("x").map(Number);
const ENOUGH = 4000, MOST = 12, PRODUCT_SIZE = 2048;

const cpuTime = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;

/** Returns the shortest of several runs after a warm-up; slow computations run once more. */
async function time(work: () => Promise<void>): Promise<Duration> {
  const begun = performance.now();
  await work();
  let wall = Infinity, cpu = Infinity;
  for (let i = 0; i < MOST && (i === 0 || performance.now() - begun < ENOUGH); i++) {
    const [clock, cores] = [performance.now(), cpuTime()];
    await work();
    wall = Math.min(wall, performance.now() - clock);
    cpu = Math.min(cpu, cpuTime() - cores);
  }
  return { wall, cpu };
}

/** Computes and waits for the values. */
async function finish(compute: () => tf.Tensor): Promise<void> {
  const result = compute();
  await result.data();
  result.dispose();
}

async function timeOps(backend: OpenTfjsBackend, model: Model): Promise<Omit<CaseResult, "device" | "gflop">> {
  const sample = createSample(rows, columns);
  const matrix = tf.randomUniform([PRODUCT_SIZE, PRODUCT_SIZE]) as tf.Tensor2D;
  const flow = tf.randomUniform([1, rows, columns, 2], -8, 8) as tf.Tensor4D;
  const product = await time(() => finish(() => tf.matMul(matrix, matrix)));
  const warp = await time(() => finish(() => model.warp.warp(sample.first, flow)));
  const ahead = await time(() => finish(() => forward(model, sample)));
  let step: Duration | string;
  try {
    const training = createTraining(model, backend.createOptimizer ?? createAdam);
    step = await time(() => finish(() => training(sample)));
  } catch (error) {
    step = reasonOf(error);
  }
  return { forward: ahead, step, product, warp };
}

const options = { precision: precision as ComputePrecision };
const isGraphRuntime = BACKENDS.some((known) => known.name === name && known.kind === "graph-runtime");
// A graph runtime computes no single ops; `cpu` draws the parameters.
const { backend: tfjs } =
  await (isGraphRuntime ? chooseBackend("cpu", "train") : chooseBackend(name, "train", options, BACKENDS));
const model = createModel(ofWidth(Number(width)));
const backend = isGraphRuntime ? (await chooseBackend(name, "interpolate", options, BACKENDS)).backend : tfjs;
await registerGradients();
const times = isGraphRuntime
  ? { forward: await time(await runtimeForward(backend, model, rows, columns)), step: "" }
  : await timeOps(tfjs, model);
const result: CaseResult = {
  device: backend.device,
  gflop: convolutionFlops(model, rows, columns) / 1e9,
  ...times,
};
console.log(JSON.stringify(result));
await backend.close();
Deno.exit(0);
