import type { PairEngine } from "../contracts/engine.ts";
import type { Frame } from "../contracts/frame.ts";
import { JobError } from "../errors.ts";
import { annotateStill } from "../frames/still.ts";
import { compare, rational, subtract, toNumber } from "../time/rational.ts";
import { fillIntervals } from "../video/fill_intervals.ts";
import type { Interval } from "../video/intervals.ts";
import type { PreparedJob } from "../video/prepare_job.ts";
import type { RunOptions } from "../video/run_job.ts";
import { timeOf } from "../video/timeline.ts";
import { checksumOf, factsOf, UNUSED } from "./source_record.ts";
import type { SegmentTask, SourceRange } from "./task.ts";

type ReadOptions = Pick<RunOptions, "signal" | "onEvent">;

/** Reads a range after a seek, or from the start of the source, as far as the frames are those that were planned. */
async function* readFrom(
  { source, info: { video }, options: { start, end } }: PreparedJob,
  { time, checksums }: SourceRange,
  { signal, onEvent }: ReadOptions,
  isSought: boolean,
): AsyncGenerator<{ readonly frame: Frame; readonly position: number }> {
  const onWarning = (message: string) => onEvent?.({ type: "warning", message });
  const begin = isSought ? subtract(time, video.start) : start;
  let position = 0;
  for await (const frame of source.frames({ start: begin, end, signal, onWarning })) {
    if (compare(timeOf(frame), time) < 0) continue;
    if (checksumOf(frame.image) !== checksums[position]) return;
    yield { frame, position };
    if (++position === checksums.length) return;
  }
}

/**
 * Yields the source frames of a range. After a seek some decoders return other frames; then the source is read from its
 * start.
 *
 * @throws {JobError} If the source does not have the frames that were planned.
 */
async function* readRange(job: PreparedJob, range: SourceRange, options: ReadOptions): AsyncGenerator<Frame> {
  let done = 0;
  const begin = job.options.start ?? rational(0), { start } = job.info.video;
  const canSeek = compare(subtract(range.time, start), begin) > 0;
  for (const isSought of canSeek ? [true, false] : [false]) {
    try {
      for await (const { frame, position } of readFrom(job, range, options, isSought)) {
        if (position !== done) continue;
        done++;
        const letter = range.facts[position];
        if (letter !== UNUSED) yield { ...frame, facts: { ...frame.facts, ...factsOf(letter) } };
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isSought) throw error;
    }
    if (done === range.checksums.length) return;
  }
  const seconds = toNumber(range.time).toFixed(3);
  throw new JobError(
    `${job.options.input}: a frame from ${seconds} s on differs from the one that was planned: ` +
      "the source has changed, or this machine decodes it differently; plan again",
    { code: "input-damaged" },
  );
}

/** Returns a function that returns source frames by their numbers, which it reads as they are needed. */
function frameReader(job: PreparedJob, { sources, intervals }: SegmentTask, options: ReadOptions) {
  const uses = new Map<number, number>();
  for (const { first, second } of intervals) {
    for (const number of [first, second]) uses.set(number, (uses.get(number) ?? 0) + 1);
  }
  const frames = new Map<number, Frame>();
  const ranges = sources.map((range) => {
    const numbers = [...range.facts].flatMap((letter, i) => letter === UNUSED ? [] : [range.from + i]);
    const read = readRange(job, range, options);
    return { range, numbers, iterator: job.frames.keepStill ? annotateStill(read) : read };
  });
  async function get(number: number): Promise<Frame> {
    const { numbers, iterator } = ranges.find(({ range: { from, facts } }) =>
      number >= from && number < from + facts.length
    )!;
    while (!frames.has(number)) {
      const next = await iterator.next(), at = numbers.shift()!;
      if (next.done) throw new JobError(`${job.options.input}: frame ${number} could not be read`);
      if (uses.has(at)) frames.set(at, next.value);
    }
    return frames.get(number)!;
  }
  return {
    /** Returns a frame; it is kept until its last use. */
    async use(number: number): Promise<Frame> {
      const frame = await get(number), left = uses.get(number)! - 1;
      uses.set(number, left);
      if (left === 0) frames.delete(number);
      return frame;
    },
    async close(): Promise<void> {
      for (const { iterator } of ranges) await iterator.return(undefined);
    },
  };
}

/**
 * Yields the output frames of one segment. They equal those of the whole job.
 *
 * @param engine Computes the frames. It is not closed.
 * @throws {JobError} If the source differs from the one that was planned, or cannot be read.
 */
export async function* segmentFrames(
  job: PreparedJob,
  engine: PairEngine,
  task: SegmentTask,
  { signal, onEvent, onFrame }: RunOptions = {},
): AsyncGenerator<Frame> {
  const reader = frameReader(job, task, { signal, onEvent });
  async function* intervals(): AsyncGenerator<Interval> {
    for (const { first, second, ...interval } of task.intervals) {
      yield { ...interval, first: await reader.use(first), second: await reader.use(second) };
    }
  }
  let position = -task.skip;
  try {
    for await (
      const frame of fillIntervals(intervals(), {
        engine,
        signal,
        grain: job.frames.grain,
        details: onFrame !== undefined,
      })
    ) {
      const at = position++, time = task.times?.[at];
      if (at < 0) continue;
      await onFrame?.(frame, task.begin + at);
      yield time ? { ...frame, pts: time.num, timebase: rational(1n, time.den) } : frame;
      if (at === task.count - 1) return;
    }
  } finally {
    await reader.close();
  }
}
