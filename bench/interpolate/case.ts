/** Measures one case: `case.ts BACKEND WxH` prints a line of JSON. */
import { BACKENDS } from "@slomo/slomo/backends";
import type { MediaHandler } from "@slomo/core";
import { openEngine, openPairInterpolator, type RunnerSetup } from "@slomo/engine";
import { prepareJob, runJob } from "@slomo/core/video";
import { rational } from "@slomo/core/time";
import { chooseBackend } from "@slomo/engine";
import { join } from "@std/path";
import * as tf from "@tensorflow/tfjs-core";
import { openToolkit, openWeightsFile } from "../../scripts/_toolkit.ts";
import { makeFrames } from "./video.ts";

/** Measurements of a case; times in milliseconds. */
export interface CaseResult {
  /** Output frames per second of the pipeline, with decoding and encoding. */
  readonly framesPerSecond: number;
  /** Time by stage for one pair and one frame. */
  readonly stages: Readonly<
    Record<"decode" | "flow" | "interpolation" | "warp" | "other" | "color" | "encode", number>
  >;
  /** Share of convolutions in the time of the networks' kernels; `null` if kernels cannot be measured. */
  readonly convolutions: number | null;
  /** Peak memory of the process in bytes; 0 if unknown. */
  readonly peak: number;
}

const [name = "wasm", size = "256x256"] = Deno.args;
const [width = 256, height = 256] = size.split("x").map(Number);
const FRAMES = 6;

/** Returns the mean time of a call in milliseconds. */
async function timed(count: number, run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return (performance.now() - begun) / count;
}

async function measureMedia(codecs: readonly MediaHandler[], file: string) {
  const { source, sink } = codecs.find((codec) => codec.sink && codec.source)!;
  const frames = makeFrames(width, height, FRAMES * 4);
  const options = {
    ...{ location: file, image: frames[0]!.image, timebase: frames[0]!.timebase, rate: rational(25) },
    ...{ sampleAspect: rational(1), rotation: 0 as const, overwrite: true },
  };
  const plan = await sink!.plan(options);
  const encode = await timed(frames.length, async () => {
    const writer = await plan.open();
    for (const frame of frames) await writer.write(frame);
    await writer.finish();
  });
  const decode = await timed(frames.length, async () => {
    for await (const _ of (await source!.open(file)).frames()) { /* only reading is measured */ }
  });
  return { encode, decode };
}

/** Measures one pair and one frame in this thread, with the time of each kernel; a graph runtime only reports its stages. */
async function measureNetworks(setup: RunnerSetup) {
  const { backend } = await chooseBackend(name, "interpolate", {}, BACKENDS);
  const interpolator = await openPairInterpolator(backend, setup);
  const [first, second] = makeFrames(width, height, 2).map(({ image }) => image);
  const job = { first: first!, second: second!, times: [0.5], details: false };
  await interpolator.run(job);
  const { timing } = await interpolator.run(job);
  const { kernels } = await tf.profile(async () => {
    await interpolator.run(job);
    return [];
  });
  let conv = 0, warp = 0, all = 0;
  for (const { name, kernelTimeMs } of kernels) {
    const time = Number(await kernelTimeMs);
    all += time;
    if (/conv/i.test(name)) conv += time;
    if (name === "BackwardWarp") warp += time;
  }
  return { timing, conv, warp, all };
}

/** Returns the peak resident memory of this process, on Linux. */
async function peakMemory(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
}

const folder = await Deno.makeTempDir({ prefix: "slomo-bench-" });
try {
  const toolkit = await openToolkit(), { manifest } = toolkit;
  const weights = await openWeightsFile(manifest);
  const codecs = (await toolkit.media()).toReversed();
  const video = join(folder, "video.mp4");
  const { encode, decode } = await measureMedia(codecs, video);
  const { engine } = await openEngine({
    ...{ toolkit, weights, backend: name, workers: navigator.hardwareConcurrency, backends: BACKENDS },
  });
  const sampling = { kind: "factor" as const, factor: rational(2) };
  await using job = await prepareJob({
    input: video,
    output: join(folder, "out.mp4"),
    frames: { sampling, cuts: false },
    end: rational(FRAMES, 25),
  }, codecs);
  let written = 0;
  const each = await timed(1, async () => written = (await runJob(job, engine)).written);
  const peak = await peakMemory();
  await engine.close();
  const { timing, conv, warp, all } = await measureNetworks({ toolkit, weights, flowScale: 1, threads: 1 });
  const result: CaseResult = {
    framesPerSecond: 1000 * written / each,
    stages: {
      ...{ decode, encode, warp, flow: timing.flow!, interpolation: timing.interpolation!, color: timing.color! },
      other: all - conv - warp,
    },
    convolutions: all > 0 ? conv / all : null,
    peak,
  };
  console.log(JSON.stringify(result));
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(0);
