import type { FrameWriter, Resumption } from "../contracts/codec.ts";
import type { PairEngine } from "../contracts/engine.ts";
import type { Frame } from "../contracts/frame.ts";
import { JobError } from "../errors.ts";
import { interpolate, type InterpolateOptions } from "./interpolate.ts";
import type { PreparedJob } from "./prepare_job.ts";
import { regularizeTimestamps } from "./regular_timestamps.ts";

/** What happens while a job runs. */
export type JobEvent =
  /** A frame was written; `total` is an estimate from the header, where there is one. */
  | { readonly type: "frame"; readonly done: number; readonly interpolated: number; readonly total: number | undefined }
  /** Something went wrong that does not end the job. */
  | { readonly type: "warning"; readonly message: string }
  /** Something worth knowing, such as what is kept of an interrupted job. */
  | { readonly type: "note"; readonly message: string };

/** What came of a job. */
export interface JobSummary {
  /** Frames read. */
  readonly read: number;
  /** Frames written. */
  readonly written: number;
  /** Frames written that did not exist in the source. */
  readonly interpolated: number;
  /** Cuts found. */
  readonly cuts: number;
  /** Frames read that show the picture before them, where repeats are looked for. */
  readonly duplicates: number;
}

/** How a job is watched and stopped. */
export interface RunOptions {
  /** Stops at once: nothing is left under the target's name that was not there before. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
  /** What marks this job's work for a run that goes on with it, and whether this is one; unsaid, no work is kept. */
  readonly resumption?: Omit<Resumption, "onEvent"> | undefined;
  /** Given each output frame that is made now and its number from 0, with the flow it was made of; awaited. */
  readonly onFrame?: ((frame: Frame, index: number) => Promise<void>) | undefined;
}

/** Told what a job comes to. */
interface JobWatch extends Pick<InterpolateOptions, "onStart"> {
  /** Given each source frame in order. */
  readonly onSource: (frame: Frame) => void;
}

/** The output frames of a job as an engine makes them. */
export function jobFrames(
  { source, info, options, sampling, slowdown, plan }: PreparedJob,
  engine: PairEngine,
  { signal, onEvent, onFrame }: RunOptions,
  watch: JobWatch,
): AsyncGenerator<Frame> {
  const { video } = info;
  const onWarning = (message: string) => onEvent?.({ type: "warning", message });
  const frames = source.read(info, { start: options.start, end: options.end, signal, onWarning });
  return interpolate(video.constantRate ? regularizeTimestamps(frames, video.rate) : frames, {
    engine,
    sampling,
    slowdown,
    cuts: options.cuts,
    duplicates: options.duplicates,
    keepStill: options.keepStill,
    loop: options.loop,
    holdLast: plan.holdsLast,
    details: onFrame !== undefined,
    signal,
    onWarning,
    ...watch,
  });
}

/**
 * Fills a video and writes it. Where a resumption is given and the target allows it, finished work outlives an interruption.
 *
 * @throws {JobError} If reading, computing or writing fails under way. What the target's name held before is untouched.
 */
export async function runJob(job: PreparedJob, engine: PairEngine, run: RunOptions = {}): Promise<JobSummary> {
  const { options, plan, sink, expectedFrames } = job, { signal, onEvent, resumption } = run;
  let read = 0, written = 0, interpolated = 0, cuts = 0, duplicates = 0;
  let writer: FrameWriter | undefined;
  const frames = jobFrames(job, engine, run, {
    onSource({ facts }) {
      if (facts.cut && read > 0) cuts++;
      if (facts.duplicate) duplicates++;
      read++;
    },
    async onStart(timebase) {
      const own = resumption && { ...resumption, onEvent: (event: JobEvent) => onEvent?.(event) };
      writer = await sink.open({ ...job.write, timebase, signal, resumption: own }, plan);
      return writer.finished ?? 0;
    },
  });
  try {
    for await (const frame of frames) {
      const isNew = written >= (writer!.finished ?? 0);
      if (isNew) await run.onFrame?.(frame, written);
      await writer!.write(frame);
      written++;
      if (frame.facts.interpolated) interpolated++;
      if (isNew) onEvent?.({ type: "frame", done: written, interpolated, total: expectedFrames });
    }
    if (writer === undefined) throw new JobError(`${options.input}: not one frame could be read`);
    await writer.finish();
  } catch (error) {
    await writer?.abort();
    throw error;
  }
  if (read === 1) {
    const what = written > 1 ? "it was repeated" : "there is nothing to make between";
    onEvent?.({ type: "warning", message: `${options.input} has one frame only: ${what}` });
  }
  return { read, written, interpolated, cuts, duplicates };
}
