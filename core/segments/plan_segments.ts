import type { SegmentSink, VideoSpan } from "../contracts/segments.ts";
import { JobError, UsageError } from "../errors.ts";
import { STILL_AHEAD, STILL_STEPS } from "../frames/still.ts";
import { compare, multiply, type Rational, rational } from "../time/rational.ts";
import { sourceIntervals } from "../video/interpolate.ts";
import type { Interval } from "../video/intervals.ts";
import type { PreparedJob } from "../video/prepare_job.ts";
import { intervalChoice, isRepeated, jobSource, type RunOptions } from "../video/run_job.ts";
import type { ScannedSource } from "./merge_shards.ts";
import { SourceRecord } from "./source_record.ts";
import type { NumberedInterval, SegmentTask, SourceRange } from "./task.ts";

/** Counts of a video in segments. */
export interface SegmentPlan {
  /** Number of segments. */
  readonly segments: number;
  /** Number of output frames. */
  readonly frames: number;
  /** Number of source frames that are read. */
  readonly sourceFrames: number;
  /** Number of interpolated frames among the output frames. */
  readonly interpolated: number;
  /** Number of scene cuts. */
  readonly cuts: number;
  /** Number of duplicate source frames. */
  readonly duplicates: number;
  /** Times of the video. */
  readonly span: VideoSpan;
}

/** Options of {@linkcode planSegments}. */
export interface PlanOptions extends Pick<RunOptions, "signal" | "onEvent"> {
  /** Receives the tasks in order; awaited. */
  readonly onTask: (task: SegmentTask) => Promise<void>;
  /** The frames of the source, if shards have scanned it. @default {the source is read} */
  readonly scanned?: ScannedSource | undefined;
}

/** Number of unused source frames between two used ones from which a seek is faster than decoding. */
const SEEK_OVER = 250;

/** A segment whose intervals are being collected. */
class Draft {
  readonly intervals: NumberedInterval[] = [];
  readonly times: Rational[] = [];
  isMoved = false;
  skip = 0;

  constructor(readonly index: number, readonly begin: number) {}

  /** Adds an output frame of an interval. */
  add(interval: NumberedInterval, position: number, time: Rational): void {
    if (this.intervals.at(-1) !== interval) this.intervals.push(interval);
    if (this.times.length === 0) this.skip = position;
    this.times.push(time);
    const { pts } = interval.outputs[position]!;
    this.isMoved ||= compare(time, multiply(rational(pts), interval.timebase)) !== 0;
  }
}

/** Returns the first frame that must be read so that the still regions of frame `number` are the same as in the whole video. */
function stillFrom(record: SourceRecord, number: number): number {
  const first = record.passOf(number);
  for (let at = number, steps = 0; at > first; at--) {
    if (record.isCut(at)) return at;
    if (record.isStep(at)) steps++;
    if (steps >= STILL_STEPS && record.isUsed(at - 1)) return at - 1;
  }
  return first;
}

/** Returns the ranges of source frames that a segment needs. */
function rangesOf({ intervals }: Draft, record: SourceRecord, keepStill: boolean): SourceRange[] {
  const numbers = [...new Set(intervals.flatMap(({ first, second }) => [first, second]))].sort((a, b) => a - b);
  const groups: [number, number][] = [];
  for (const number of numbers) {
    const last = groups.at(-1);
    if (last && number - last[1] <= SEEK_OVER && record.passOf(number) === record.passOf(last[1])) last[1] = number;
    else groups.push([number, number]);
  }
  return groups.map(([from, to]) =>
    keepStill ? record.range(stillFrom(record, from), to + 1 + STILL_AHEAD) : record.range(from, to + 1)
  );
}

/**
 * Checks whether the output of a job can be made in segments.
 *
 * @throws {UsageError} If the job has a shutter.
 */
export function checkSegmented({ frames: { shutter } }: Pick<PreparedJob, "frames">): void {
  if (!shutter) return;
  throw new UsageError("`shutter` needs frames of several segments, so it cannot be used in segments; leave it out", {
    option: "shutter",
  });
}

/** Returns a job whose source yields frames that were scanned. */
function scannedJob(job: PreparedJob, { frames }: ScannedSource): PreparedJob {
  async function* all() {
    yield* frames;
  }
  return { ...job, source: { info: job.info, frames: all, close: () => Promise.resolve() } };
}

/**
 * Plans the segments of a job: reads the whole source, detects scene cuts and duplicate frames, and determines which frames
 * each segment has. Nothing is interpolated.
 *
 * @throws {UsageError} If the job has a shutter.
 * @throws {JobError} If the source cannot be read.
 */
export async function planSegments(
  job: PreparedJob,
  sink: SegmentSink,
  { signal, onEvent, onTask, scanned }: PlanOptions,
): Promise<SegmentPlan> {
  checkSegmented(job);
  const onWarning = (message: string) => onEvent?.({ type: "warning", message });
  const choice = intervalChoice(job), keepStill = choice.keepStill ?? false;
  const record = new SourceRecord(scanned?.checksumOf), layout = sink.layout(onWarning);
  const source = jobSource(scanned ? scannedJob(job, scanned) : job, {
    signal,
    onWarning,
    onRead: (frames) => record.read(frames),
  });
  const intervals = sourceIntervals(source, {
    ...choice,
    isDetected: scanned !== undefined,
    // A pass that ends early reads as far ahead as that of the whole job; otherwise all frames are read in any case.
    keepStill: keepStill && isRepeated(job),
    onWarning,
    onSource: (frame) => record.annotate(frame),
  });

  const waiting: { readonly draft: Draft; readonly until: Rational }[] = [];
  let draft = new Draft(0, 0);
  const needs = ({ intervals }: Draft) => Math.max(...intervals.map(({ first, second }) => Math.max(first, second)));
  async function emit(known: number) {
    while (waiting[0] && needs(waiting[0].draft) + (keepStill ? STILL_AHEAD : 0) < known) {
      const { draft: { index, begin, times, isMoved, skip, intervals }, until } = waiting[0];
      const sources = rangesOf(waiting[0].draft, record, keepStill);
      waiting.shift();
      const task = { index, begin, count: times.length, until, sources, skip, intervals };
      await onTask(isMoved ? { ...task, times } : task);
    }
  }
  const numbered = ({ first, second, ...rest }: Interval): NumberedInterval => ({
    first: record.numberOf(first),
    second: record.numberOf(second),
    ...rest,
  });
  let interpolated = 0;
  for await (const interval of intervals) {
    const own = numbered(interval);
    const isCopied = interval.second.facts.cut || record.isSame(own.first, own.second);
    if (!isCopied) interpolated += interval.outputs.filter(({ t }) => t.num !== 0n).length;
    signal?.throwIfAborted();
    for (const [position, { pts }] of interval.outputs.entries()) {
      const time = layout.add({ pts, timebase: interval.timebase, duration: undefined });
      if (draft.times.length === sink.frames) {
        waiting.push({ draft, until: time });
        draft = new Draft(draft.index + 1, draft.begin + draft.times.length);
      }
      draft.add(own, position, time);
    }
    await emit(record.known);
  }
  if (draft.times.length === 0) {
    throw new JobError(`${job.options.input}: no frame could be read`, { code: "input-damaged" });
  }
  const span = layout.span();
  waiting.push({ draft, until: span.end });
  await emit(Infinity);
  return {
    segments: draft.index + 1,
    frames: draft.begin + draft.times.length,
    sourceFrames: record.known,
    interpolated,
    ...record.counts(),
    span,
  };
}
