import type { FrameWriter } from "../contracts/codec.ts";
import type { PairEngine } from "../contracts/engine.ts";
import type { Frame } from "../contracts/frame.ts";
import { JobError } from "../errors.ts";
import { interpolate } from "./interpolate.ts";
import type { PreparedJob } from "./prepare_job.ts";
import { regulariseClock } from "./regular_clock.ts";

/** What happens while a job runs. */
export type JobEvent =
  /** A frame was written; `total` is an estimate from the header, where there is one. */
  | { readonly type: "frame"; readonly done: number; readonly made: number; readonly total: number | undefined }
  /** Something went wrong that does not end the job. */
  | { readonly type: "warning"; readonly message: string };

/** What came of a job. */
export interface JobSummary {
  /** Frames read. */
  readonly read: number;
  /** Frames written. */
  readonly written: number;
  /** Frames written that did not exist in the source. */
  readonly made: number;
  /** Cuts found. */
  readonly cuts: number;
  /** Frames read that show the picture before them, where repeats are looked for. */
  readonly repeats: number;
}

/** How a job is watched and stopped. */
export interface RunOptions {
  /** Stops at once: nothing is left under the target's name that was not there before. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
  /** Given each output frame and its number from 0, with the flow it was made of; awaited. */
  readonly onFrame?: ((frame: Frame, index: number) => Promise<void>) | undefined;
}

/** The output frames of a job as an engine makes them. */
export function jobFrames(
  { source, info, options, sampling, slowdown, plan }: PreparedJob,
  engine: PairEngine,
  { signal, onEvent, onFrame }: RunOptions,
  onSource: (frame: Frame) => void,
): AsyncGenerator<Frame> {
  const { video } = info;
  const onWarning = (message: string) => onEvent?.({ type: "warning", message });
  const frames = source.read(info, { start: options.start, end: options.end, signal, onWarning });
  return interpolate(video.constantRate ? regulariseClock(frames, video.rate) : frames, {
    engine,
    sampling,
    slowdown,
    cuts: options.cuts,
    duplicates: options.duplicates,
    loop: options.loop,
    holdLast: plan.holdsLast,
    details: onFrame !== undefined,
    signal,
    onSource,
    onWarning,
  });
}

/**
 * Fills a film and writes it.
 *
 * @throws {JobError} If reading, computing or writing fails under way. What the target's name held before is untouched.
 */
export async function runJob(job: PreparedJob, engine: PairEngine, run: RunOptions = {}): Promise<JobSummary> {
  const { options, plan, sink, expectedFrames } = job;
  let read = 0, written = 0, made = 0, cuts = 0, repeats = 0;
  let writer: FrameWriter | undefined;
  const frames = jobFrames(job, engine, run, ({ facts }) => {
    if (facts.cut && read > 0) cuts++;
    if (facts.duplicate) repeats++;
    read++;
  });
  try {
    for await (const frame of frames) {
      writer ??= await sink.open({ ...job.write, timebase: frame.timebase, signal: run.signal }, plan);
      await run.onFrame?.(frame, written);
      await writer.write(frame);
      written++;
      if (frame.facts.made) made++;
      run.onEvent?.({ type: "frame", done: written, made, total: expectedFrames });
    }
    if (writer === undefined) throw new JobError(`${options.input}: not one frame could be read`);
    await writer.finish();
  } catch (error) {
    await writer?.abort();
    throw error;
  }
  if (read === 1) run.onEvent?.({ type: "warning", message: `${options.input} has one frame only: it was repeated` });
  return { read, written, made, cuts, repeats };
}
