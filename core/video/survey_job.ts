import type { PairEngine, PairJob } from "../contracts/engine.ts";
import { type Rational, subtract } from "../time/rational.ts";
import type { PreparedJob } from "./prepare_job.ts";
import { jobFrames, type RunOptions } from "./run_job.ts";
import { timeOf } from "./timeline.ts";

/** What a job would do, counted by reading the whole source. */
export interface Survey {
  /** Frames that the source gives. */
  readonly sourceFrames: number;
  /** Frames that would be written. */
  readonly outputFrames: number;
  /** Frames of those that would be made. */
  readonly interpolatedFrames: number;
  /** Pairs of frames whose motion would be found. */
  readonly pairs: number;
  /** Numbers from 0 of the source frames with which a shot begins, and their times from the first frame. */
  readonly cuts: readonly { readonly frame: number; readonly time: Rational }[];
  /** Seconds of work on this machine, from one pair of the video; `undefined` where no frame is to be made. */
  readonly seconds: number | undefined;
}

/** Counts what an engine would be asked for, and keeps the first job as a sample. */
function countingEngine(): PairEngine & { pairs: number; sample: PairJob | undefined } {
  return {
    backend: "none",
    device: "none",
    parallel: 1,
    pairs: 0,
    sample: undefined,
    run(job) {
      this.pairs++;
      this.sample ??= job;
      return Promise.resolve({ images: job.times.map(() => job.first), timing: {} });
    },
    close: () => Promise.resolve(),
  };
}

/** Seconds for one pair's motion and for one frame of it; the first run warms up and is not measured. */
async function measure(engine: PairEngine, sample: PairJob, signal?: AbortSignal) {
  const job = { ...sample, times: [0.5], details: false };
  await engine.run(job, signal);
  const begun = performance.now();
  const { timing } = await engine.run(job, signal);
  const whole = (performance.now() - begun) / 1000, pair = Math.min(whole, (timing.flow ?? 0) / 1000);
  return { pair, frame: whole - pair };
}

/**
 * Reads the whole source, finds its cuts, and times one of its pairs on the engine. Nothing is written.
 *
 * @throws {JobError} If the source cannot be read.
 */
export async function surveyJob(job: PreparedJob, engine: PairEngine, run: RunOptions = {}): Promise<Survey> {
  const counting = countingEngine();
  const cuts: { frame: number; time: Rational }[] = [];
  let sourceFrames = 0, outputFrames = 0, interpolatedFrames = 0, begin: Rational | undefined;
  const frames = jobFrames(job, counting, run, {
    onSource(frame) {
      begin ??= timeOf(frame);
      if (frame.facts.cut && sourceFrames > 0) cuts.push({ frame: sourceFrames, time: subtract(timeOf(frame), begin) });
      sourceFrames++;
    },
  });
  for await (const { facts } of frames) {
    outputFrames++;
    if (facts.interpolated) interpolatedFrames++;
  }
  const sample = counting.sample;
  const cost = sample && await measure(engine, sample, run.signal);
  const seconds = cost && (counting.pairs * cost.pair + interpolatedFrames * cost.frame) / engine.parallel;
  return { sourceFrames, outputFrames, interpolatedFrames, pairs: counting.pairs, cuts, seconds };
}
