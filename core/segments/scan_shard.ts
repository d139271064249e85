import type { Frame } from "../contracts/frame.ts";
import type { ReadOptions } from "../contracts/media.ts";
import { UsageError } from "../errors.ts";
import { CUT_HISTORY } from "../frames/scenes.ts";
import { add, compare, divide, multiply, type Rational, rational, subtract, toNumber } from "../time/rational.ts";
import { checkSize, detectContent } from "../video/interpolate.ts";
import { partDuration, type PreparedJob } from "../video/prepare_job.ts";
import type { RunOptions } from "../video/run_job.ts";
import { timeOf } from "../video/timeline.ts";
import { checksumOf, letterOf } from "./source_record.ts";

/** A part of a source that is scanned for scene cuts and duplicate frames, independently of the other parts. */
export interface ShardRange {
  /** Start in seconds from the first frame of the source; `undefined` for the first shard. */
  readonly begin: Rational | undefined;
  /** End in seconds, exclusive; `undefined` for the last shard. */
  readonly end: Rational | undefined;
}

/**
 * The scanned frames of a shard. Its own frames are those from its first change of content up to the first one of the next
 * shard, so that a run of duplicate frames is never divided. Frames before and after them are there for comparison.
 */
export interface ScannedShard {
  /** Time base of the timestamps. */
  readonly timebase: Rational;
  /** Width of the frames in pixels. */
  readonly width: number;
  /** Height of the frames in pixels. */
  readonly height: number;
  /** Timestamps of the frames. */
  readonly pts: readonly bigint[];
  /** Durations of the frames in units of the time base; `null` if the source does not store one. */
  readonly durations: readonly (bigint | null)[];
  /** CRC-32 of the pixels of each frame. */
  readonly checksums: readonly number[];
  /** One letter per frame, as in `SourceRange.facts`. */
  readonly facts: string;
  /** Position of its first own frame; `null` if it has none. */
  readonly first: number | null;
  /** Whether its frames end with the source; otherwise the last frame is the first one that the next shard owns. */
  readonly isEnd: boolean;
  /** Whether decoding reported errors. */
  readonly isDamaged: boolean;
}

/** Source seconds per shard of a long source. */
const SHARD_SECONDS = 300;

/** Seconds of the source that are read before a shard, for the detectors and for comparison with the previous shard. */
const RUN_IN = rational(1);

/** Returns whether a source can be scanned in shards: all of it is read once, in order. */
export function canShard({ frames: { sampling } }: Pick<PreparedJob, "frames">): boolean {
  return !(sampling.kind === "curve" && sampling.curve.over === "output");
}

/** Returns the seconds of the source that a job reads, if its header says so. */
function secondsOf({ options, info }: PreparedJob): Rational | undefined {
  const seconds = partDuration(options, info);
  return seconds && seconds.num > 0n ? seconds : undefined;
}

/** Returns in how many shards the source of a job should be scanned: one per 5 minutes, or 1 up to 10 minutes. */
export function usualShards(job: PreparedJob): number {
  const seconds = secondsOf(job);
  if (!seconds || !canShard(job) || compare(seconds, rational(2 * SHARD_SECONDS)) <= 0) return 1;
  return Math.ceil(toNumber(seconds) / SHARD_SECONDS);
}

/**
 * Divides the source of a job into shards of the same length.
 *
 * @param count Number of shards, at least 1.
 * @throws {UsageError} If it cannot be divided: a curve reads it in another order, or the header has no duration.
 */
export function shardRanges(job: PreparedJob, count: number): ShardRange[] {
  if (!canShard(job)) {
    throw new UsageError(
      "`shards` cannot be combined with `retime`, which chooses the parts of the source itself; leave it out",
      { option: "shards" },
    );
  }
  const { options: { input, start = rational(0) } } = job, seconds = secondsOf(job);
  if (!seconds) {
    throw new UsageError(`${input}: cannot be scanned in shards: its header has no duration; leave \`shards\` out`, {
      option: "shards",
    });
  }
  const border = (index: number) => add(start, divide(multiply(seconds, rational(index)), rational(count)));
  return Array.from({ length: count }, (_, i) => ({
    begin: i === 0 ? undefined : border(i),
    end: i === count - 1 ? undefined : border(i + 1),
  }));
}

/** Collects the frames of a shard. */
class Scan {
  readonly pts: bigint[] = [];
  readonly durations: (bigint | null)[] = [];
  readonly checksums: number[] = [];
  readonly facts: string[] = [];
  first: number | undefined;
  isEnd = true;
  #image: Frame["image"] | undefined;
  #timebase: Rational | undefined;

  /** Yields the frames, and records each. */
  async *read(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
    for await (const frame of frames) {
      checkSize(frame.image, this.#image ??= frame.image);
      this.#timebase ??= frame.timebase;
      this.pts.push(frame.pts);
      this.durations.push(frame.duration ?? null);
      this.checksums.push(checksumOf(frame.image));
      yield frame;
    }
  }

  /** Returns the frames that the detectors have passed on. */
  shard(isDamaged: boolean): ScannedShard {
    const { length } = this.facts, { width = 1, height = 1 } = this.#image ?? {};
    return {
      ...{ timebase: this.#timebase ?? rational(1), width, height },
      pts: this.pts.slice(0, length),
      durations: this.durations.slice(0, length),
      checksums: this.checksums.slice(0, length),
      facts: this.facts.join(""),
      first: this.first ?? null,
      isEnd: this.isEnd,
      isDamaged,
    };
  }
}

/** Ends a pass that began too late for the detectors. */
class TooLate extends Error {}

/** Yields the frames; throws {@linkcode TooLate} if there are too few before a time for the detector of cuts. */
async function* afterRunIn(frames: AsyncIterable<Frame>, begin: Rational): AsyncGenerator<Frame> {
  let count = 0;
  for await (const frame of frames) {
    if (count < CUT_HISTORY && compare(timeOf(frame), begin) >= 0) throw new TooLate();
    count++;
    yield frame;
  }
}

/** Reads a shard once, from a time on. */
async function scanFrom(
  { source, info: { video }, options: { end: last }, frames: options }: PreparedJob,
  { begin, end }: ShardRange,
  from: Rational | undefined,
  isWhole: boolean,
  { signal, onEvent }: Pick<RunOptions, "signal" | "onEvent">,
): Promise<ScannedShard> {
  const scan = new Scan(), timeAt = (seconds: Rational) => add(video.start, seconds);
  let isDamaged = false, done = 0;
  const onErrors = () => isDamaged = true;
  const part: ReadOptions = { start: from, end: last, signal, onWarning: onErrors, onErrors };
  const read = scan.read(source.frames(part));
  const frames = begin && !isWhole ? afterRunIn(read, timeAt(begin)) : read;
  for await (const { frame, isChange } of detectContent(frames, options)) {
    signal?.throwIfAborted();
    // The plan then needs a pass over the whole source.
    if (isDamaged) break;
    const time = timeOf(frame), position = scan.facts.length;
    scan.facts.push(letterOf(frame.facts));
    // Without a change up to its end, a shard owns no frames: they repeat a frame of an earlier one.
    if (end && compare(time, timeAt(end)) >= 0 && (isChange || scan.first === undefined)) {
      scan.isEnd = false;
      break;
    }
    const isOwn = !begin || compare(time, timeAt(begin)) >= 0;
    if (isOwn && isChange) scan.first ??= position;
    if (isOwn) onEvent?.({ type: "frame", done: ++done, interpolated: 0, total: undefined });
  }
  return scan.shard(isDamaged);
}

/**
 * Scans a shard of a source for scene cuts and duplicate frames.
 *
 * @throws {UsageError} If its frames differ in size.
 * @throws {JobError} If the source cannot be read.
 */
export async function scanShard(
  job: PreparedJob,
  range: ShardRange,
  run: Pick<RunOptions, "signal" | "onEvent"> = {},
): Promise<ScannedShard> {
  const { options: { start } } = job, { begin } = range;
  if (!begin) return await scanFrom(job, range, start, true, run);
  // A variable frame rate may have few frames before the shard.
  for (let runIn = RUN_IN;; runIn = multiply(runIn, rational(8))) {
    const from = subtract(begin, runIn), isWhole = compare(from, start ?? rational(0)) <= 0;
    try {
      return await scanFrom(job, range, isWhole ? start : from, isWhole, run);
    } catch (error) {
      if (error instanceof TooLate) continue;
      // The header may promise more frames than there are.
      if (!isWhole && error instanceof UsageError && error.code === "empty-range") return new Scan().shard(false);
      throw error;
    }
  }
}
