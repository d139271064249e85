import type { PairEngine } from "../contracts/engine.ts";
import type { Frame } from "../contracts/frame.ts";
import type { ReadOptions, Resumption } from "../contracts/media.ts";
import { JobError } from "../errors.ts";
import { frameTotal } from "./frame_total.ts";
import { needsPasses } from "./curve_intervals.ts";
import { type FrameReader, interpolate, type InterpolateOptions, type IntervalChoice } from "./interpolate.ts";
import { format, type Rational } from "../time/rational.ts";
import type { PreparedJob } from "./prepare_job.ts";
import { type EarlyFrames, readEarly } from "./peek.ts";
import { timeOf } from "./timeline.ts";
import { unlessAborted } from "./unless_aborted.ts";
import { regularizeTimestamps } from "./regular_timestamps.ts";

/** Progress, warnings and remarks of a running job. */
export type JobEvent =
  /** A frame was written; `total` is an estimate, if the header allows one. At the end, a wrong estimate is corrected. */
  | { readonly type: "frame"; readonly done: number; readonly interpolated: number; readonly total: number | undefined }
  /** A problem that does not end the job. */
  | { readonly type: "warning"; readonly message: string }
  /** A remark, for example about the finished work of an interrupted job. */
  | { readonly type: "note"; readonly message: string };

/** Counts of a finished job. */
export interface JobSummary {
  /** Frames read. */
  readonly read: number;
  /** Frames written. */
  readonly written: number;
  /** Interpolated frames written. */
  readonly interpolated: number;
  /** Scene cuts. */
  readonly cuts: number;
  /** Duplicate frames read, if the job looks for them. */
  readonly duplicates: number;
}

/** How to run a job. */
export interface RunOptions {
  /** Stops at once and leaves the target unchanged. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each event. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
  /** Identifies the work of this job for a later run, and says whether to resume; no work is kept without it. */
  readonly resumption?: Omit<Resumption, "onEvent"> | undefined;
  /**
   * Called before each output frame; the job waits for the promise that it returns. This pauses a job: frame pairs in progress
   * are completed, and then nothing is computed.
   */
  readonly hold?: (() => Promise<void> | undefined) | undefined;
  /** Frames of {@linkcode beginReading}. @default {they are read now} */
  readonly source?: AsyncIterable<Frame> | undefined;
  /** Called with each new output frame, including its optical flow, and its number from 0; awaited. */
  readonly onFrame?: ((frame: Frame, index: number) => Promise<void>) | undefined;
}

/** How {@linkcode jobSource} reads. */
export interface JobSourceOptions extends Pick<ReadOptions, "signal" | "onWarning"> {
  /** Receives the frames of each pass as they are stored. */
  readonly onRead?: ((frames: AsyncIterable<Frame>) => AsyncIterable<Frame>) | undefined;
}

/** Returns whether a job reads its source more than once, as a curve may require. */
export function isRepeated({ frames: { sampling } }: Pick<PreparedJob, "frames">): boolean {
  return sampling.kind === "curve" && needsPasses(sampling.curve);
}

/**
 * Returns the source frames of a job with regular timestamps; or a function that reads them from any time on, with the same
 * timestamps in each pass, if the job reads them more than once.
 */
export function jobSource(
  job: PreparedJob,
  { signal, onWarning, onRead = (frames) => frames }: JobSourceOptions,
): AsyncIterable<Frame> | FrameReader {
  const { source, info: { video }, options: { start, end } } = job;
  const read = (part: ReadOptions, begin?: Rational) => {
    const stored = onRead(source.frames({ ...part, signal, onWarning }));
    return video.constantRate ? regularizeTimestamps(stored, video.rate, begin) : stored;
  };
  return isRepeated(job) ? (start) => read({ start }, video.start) : read({ start, end });
}

/** Returns the options that determine the intervals of a job. */
export function intervalChoice({ frames, info, plan }: PreparedJob): IntervalChoice {
  return { ...frames, origin: info.video.start, holdLast: plan.holdsLast };
}

const warningsTo = (onEvent: RunOptions["onEvent"]) => (message: string) => onEvent?.({ type: "warning", message });

/**
 * Begins to read the source of a job whose engine is still being opened.
 *
 * @returns The frames for {@linkcode RunOptions.source}, which the caller ends with `return()` in any case; `undefined` if the
 * job reads its source more than once.
 */
export function beginReading(
  job: PreparedJob,
  { signal, onEvent }: Pick<RunOptions, "signal" | "onEvent">,
): EarlyFrames | undefined {
  const source = jobSource(job, { signal, onWarning: warningsTo(onEvent) });
  return typeof source === "function" ? undefined : readEarly(source);
}

/** Yields the output frames of a job as an engine computes them. */
export function jobFrames(
  job: PreparedJob,
  engine: PairEngine,
  { signal, onEvent, onFrame, source }: RunOptions,
  more: Pick<InterpolateOptions, "onSource" | "skip">,
): AsyncGenerator<Frame> {
  const onWarning = warningsTo(onEvent);
  return interpolate(source ?? jobSource(job, { signal, onWarning }), {
    ...intervalChoice(job),
    engine,
    details: onFrame !== undefined,
    signal,
    onWarning,
    ...more,
  });
}

/**
 * Runs a job: interpolates the video and writes it. With a resumption, and a target that supports it, finished work survives
 * an interruption.
 *
 * @throws {JobError} If reading, computing or writing fails. The target is left unchanged.
 */
export async function runJob(job: PreparedJob, engine: PairEngine, run: RunOptions = {}): Promise<JobSummary> {
  const { options, plan } = job, { signal, onEvent } = run, totalAfter = frameTotal(job);
  const resumption = run.resumption && { ...run.resumption, onEvent: (event: JobEvent) => onEvent?.(event) };
  const writer = await plan.open({ signal, resumption }), finished = writer.finished ?? 0;
  let total: number | undefined, read = 0, written = 0, interpolated = 0, duplicates = 0;
  // A curve may read a frame more than once.
  const cuts = new Set<string>();
  try {
    const frames = jobFrames(job, engine, run, {
      skip: finished,
      onSource(frame) {
        const { facts } = frame;
        if (facts.cut && read > 0) cuts.add(format(timeOf(frame)));
        if (facts.duplicate) duplicates++;
        read++;
      },
    });
    for await (const frame of frames) {
      const isNew = written >= finished, held = run.hold?.();
      if (held) await unlessAborted(held, signal);
      if (isNew) await run.onFrame?.(frame, written);
      await writer.write(frame);
      written++;
      if (frame.facts.interpolated) interpolated++;
      const estimate = totalAfter(written, frame);
      if (isNew) onEvent?.({ type: "frame", done: written, interpolated, total: total = estimate });
    }
    if (total !== undefined && total !== written) {
      onEvent?.({ type: "frame", done: written, interpolated, total: written });
    }
    if (read === 0) throw new JobError(`${options.input}: no frame could be read`, { code: "input-damaged" });
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  if (read === 1) {
    const result = written > 1 ? "it was repeated" : "nothing can be interpolated";
    onEvent?.({ type: "warning", message: `${options.input} has only one frame: ${result}` });
  }
  return { read, written, interpolated, cuts: cuts.size, duplicates };
}
