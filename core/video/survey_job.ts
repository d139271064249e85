import type { PairEngine, PairJob } from "../contracts/engine.ts";
import { type Rational, subtract } from "../time/rational.ts";
import type { PreparedJob } from "./prepare_job.ts";
import { jobFrames, type RunOptions } from "./run_job.ts";
import { timeOf } from "./timeline.ts";

/** Counts of the frames and frame pairs of a job. */
export interface Survey {
  /** Source frames. */
  readonly sourceFrames: number;
  /** Output frames. */
  readonly outputFrames: number;
  /** Interpolated frames among them. */
  readonly interpolatedFrames: number;
  /** Frame pairs whose optical flow would be estimated. */
  readonly pairs: number;
  /** Scene cuts: the number, from 0, of the source frame that begins a shot, and its time from the first frame. */
  readonly cuts: readonly { readonly frame: number; readonly time: Rational }[];
  /** Estimated seconds of work on this machine, measured on one frame pair; `undefined` if no frame is interpolated. */
  readonly seconds: number | undefined;
}

/** Creates an engine that counts its jobs and keeps the first as a sample. */
function countingEngine(): PairEngine & { pairs: number; times: number; sample: PairJob | undefined } {
  return {
    backend: "none",
    device: "none",
    parallel: 1,
    pairs: 0,
    times: 0,
    sample: undefined,
    run(job) {
      this.pairs++;
      this.times += job.times.length;
      this.sample ??= job;
      return Promise.resolve({ images: job.times.map(() => job.first), timing: {} });
    },
    close: () => Promise.resolve(),
  };
}

/** Cost of interpolation on one machine. */
export interface PairCost {
  /** Seconds per frame pair, for its optical flow. */
  readonly pair: number;
  /** Seconds per interpolated frame. */
  readonly frame: number;
  /** Number of pairs that the engine computes at once, in that time. */
  readonly parallel: number;
}

/** Measures the cost of a frame pair on an engine. The first run warms up and is not measured. */
export async function measurePair(
  engine: PairEngine,
  sample: Pick<PairJob, "first" | "second">,
  signal?: AbortSignal,
): Promise<PairCost> {
  const job = { first: sample.first, second: sample.second, times: [0.5], details: false };
  await engine.run(job, signal);
  const start = performance.now();
  const { timing } = await engine.run(job, signal);
  const total = (performance.now() - start) / 1000, pair = Math.min(total, (timing.flow ?? 0) / 1000);
  return { pair, frame: total - pair, parallel: engine.parallel };
}

/** Returns the estimated seconds of work for a number of frame pairs and interpolated frames. */
export function secondsOfWork(
  { pair, frame, parallel }: PairCost,
  { pairs, interpolatedFrames }: { readonly pairs: number; readonly interpolatedFrames: number },
): number {
  return (pairs * pair + interpolatedFrames * frame) / parallel;
}

/**
 * Reads the whole source, detects its scene cuts, and measures one frame pair on the engine. Nothing is written.
 *
 * @throws {JobError} If the source cannot be read.
 */
export async function surveyJob(job: PreparedJob, engine: PairEngine, run: RunOptions = {}): Promise<Survey> {
  const counting = countingEngine();
  const cuts: { frame: number; time: Rational }[] = [];
  let sourceFrames = 0, outputFrames = 0, interpolatedFrames = 0, start: Rational | undefined;
  const frames = jobFrames(job, counting, run, {
    onSource(frame) {
      start ??= timeOf(frame);
      if (frame.facts.cut && sourceFrames > 0) cuts.push({ frame: sourceFrames, time: subtract(timeOf(frame), start) });
      sourceFrames++;
    },
  });
  for await (const { facts } of frames) {
    outputFrames++;
    if (facts.interpolated) interpolatedFrames++;
  }
  const { sample, pairs, times } = counting, cost = sample && await measurePair(engine, sample, run.signal);
  const seconds = cost && secondsOfWork(cost, { pairs, interpolatedFrames: times });
  return { sourceFrames, outputFrames, interpolatedFrames, pairs, cuts, seconds };
}
