import type { Frame } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import type { CurveRun, TimeCurve } from "../retime/curve.ts";
import { compare, multiply, type Rational, rational, subtract, toNumber } from "../time/rational.ts";
import type { Interval } from "./intervals.ts";
import { backwardMoments, forwardMoments, type OutputMoment } from "./output_moments.ts";
import { peek, type PeekedFrames } from "./peek.ts";
import { timeOf } from "./timeline.ts";

/** Reads annotated frames of a source from a time on, in seconds from its first frame. */
export type ReadFrom = (start: Rational | undefined) => AsyncIterable<Frame>;

/** Plans the intervals of a pass over frames, for the moments that it shows. */
export type PlanPass = (frames: AsyncIterable<Frame>, moments: Iterator<OutputMoment>) => AsyncIterable<Interval>;

/** Seconds of the source that are read before those that are shown, for the detectors. */
const RUN_IN = rational(1);

/** Bytes of source frames that are held to play them backward. */
const CHUNK_BYTES = 2 ** 29;

/** Longest chunk in seconds of the source. */
const LONGEST_CHUNK = 4;

/** Returns whether the source must be read several times, or not from its beginning. */
export function needsPasses({ runs, over }: TimeCurve): boolean {
  return over === "output" && (runs.length > 1 || runs[0]!.direction < 0 || runs[0]!.low.num > 0n);
}

/**
 * Yields the frames from before a time on, in seconds from the source's first frame, with some frames before it if there are any.
 *
 * @param origin Time of the source's first frame.
 */
async function* framesBefore(read: ReadFrom, time: Rational, origin: Rational): AsyncGenerator<Frame> {
  for (let runIn = RUN_IN;; runIn = multiply(runIn, rational(8))) {
    const start = subtract(time, runIn), isWhole = start.num <= 0n;
    let found: PeekedFrames | undefined;
    try {
      found = await peek(read(isWhole ? undefined : start));
    } catch (error) {
      // The last frame may be shown for a long time.
      if (isWhole || !(error instanceof UsageError && error.code === "empty-range")) throw error;
      continue;
    }
    const isBefore = found && compare(subtract(timeOf(found.first), origin), time) <= 0;
    if (!isWhole && !isBefore) {
      await found?.close();
      continue;
    }
    if (found) yield* found.all;
    return;
  }
}

/** Returns the seconds of the source that are held at once to play it backward. */
function chunkSeconds({ image, duration, timebase }: Frame, fps: Rational): Rational {
  const bytes = image.planes.reduce((sum, plane) => sum + plane.byteLength, 0);
  const step = duration ? multiply(rational(duration), timebase) : rational(fps.den, fps.num);
  const frames = Math.max(2, Math.min(Math.floor(CHUNK_BYTES / bytes), Math.ceil(LONGEST_CHUNK / toNumber(step))));
  return multiply(step, rational(frames));
}

/** Reverses the output frames of an interval. */
function reversed(interval: Interval): Interval {
  return { ...interval, outputs: interval.outputs.toReversed(), isReversed: true };
}

/** How {@linkcode curveIntervals} reads and plans. */
export interface CurvePasses {
  /** The curve. */
  readonly curve: TimeCurve;
  /** Frames per second of the output. */
  readonly fps: Rational;
  /** Angle of the shutter in degrees. */
  readonly shutter: number;
  /** Time of the source's first frame in seconds. */
  readonly origin: Rational;
  /** The source's first frame. */
  readonly first: Frame;
  /** Reads frames. */
  readonly read: ReadFrom;
  /** Plans a pass. */
  readonly plan: PlanPass;
}

async function* backward({ from, to, low, high }: CurveRun, passes: CurvePasses): AsyncGenerator<Interval> {
  const { curve, fps, shutter, origin, first, read, plan } = passes, chunk = chunkSeconds(first, fps);
  for (
    let above: Rational | undefined, begin = subtract(high!, chunk);;
    above = begin, begin = subtract(begin, chunk)
  ) {
    const isLast = compare(begin, low) <= 0, bottom = isLast ? low : begin;
    const intervals: Interval[] = [];
    const moments = backwardMoments({ fps, curve, shutter }, { from, to: to! }, subtract(bottom, RUN_IN));
    for await (const interval of plan(framesBefore(read, bottom, origin), moments)) {
      const time = subtract(timeOf(interval.first), origin);
      if (above && compare(time, above) >= 0) break;
      // An interval belongs to the chunk in which it begins.
      if (interval.outputs.length > 0 && (isLast || compare(time, bottom) >= 0)) intervals.push(reversed(interval));
    }
    yield* intervals.reverse();
    if (isLast) return;
  }
}

/** Yields the intervals of a curve that reads the source several times: forward, and backward in chunks of bounded size. */
export async function* curveIntervals(passes: CurvePasses): AsyncGenerator<Interval> {
  const { curve, fps, shutter, origin, read, plan } = passes;
  for (const run of curve.runs) {
    if (run.direction === -1) {
      yield* backward(run, passes);
      continue;
    }
    const frames = framesBefore(read, run.low, origin);
    for await (const interval of plan(frames, forwardMoments({ fps, curve, shutter }, run))) {
      if (interval.outputs.length > 0) yield interval;
    }
  }
}
