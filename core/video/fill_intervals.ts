import type { PairEngine } from "../contracts/engine.ts";
import type { Frame, Image } from "../contracts/frame.ts";
import { matchGrain } from "../frames/grain.ts";
import { findPatterns, restorePatterns } from "../frames/patterns/restore.ts";
import { restoreStill } from "../frames/still.ts";
import { keepUnchanged, unchangedBlocks } from "../frames/unchanged.ts";
import { toNumber } from "../time/rational.ts";
import { expose, type ExposedFrame } from "./exposure.ts";
import type { Interval } from "./intervals.ts";
import type { OutputTime } from "./timeline.ts";

/** Options of {@linkcode fillIntervals}. */
export interface FillOptions {
  /** Computes the frames. It is not closed. */
  readonly engine: PairEngine;
  /** Whether interpolated frames carry their optical flow and visibility masks. @default {false} */
  readonly details?: boolean | undefined;
  /**
   * Number of leading output frames whose pixels are not needed: they are not computed, and repeat a source frame instead.
   * @default {0}
   */
  readonly skip?: number | undefined;
  /** Whether interpolated frames get the noise of the source frames. @default {noise is not changed} */
  readonly grain?: "match" | undefined;
  /** Whether several outputs with one timestamp are an exposure, and make one frame. @default {false} */
  readonly isExposed?: boolean | undefined;
  /** Stops the work; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Output frames of one interval, some of which the engine may still compute. */
type Pending = Promise<Frame[]>;

const isSource = ({ t }: OutputTime) => t.num === 0n;

/** Returns whether two images are identical, so that nothing is to be interpolated between them. */
function isSame(a: Image, b: Image): boolean {
  return a === b || a.planes.every((plane, i) => {
    const other = b.planes[i]!;
    if (plane === other) return true;
    for (let k = 0; k < plane.length; k++) if (plane[k] !== other[k]) return false;
    return true;
  });
}

/** Returns the frames of a pair that is not interpolated. */
function withoutMotion({ first, second, outputs, timebase }: Interval, treatment: "hold" | "blend"): Frame[] {
  return outputs.map(({ pts, t }) => {
    const isPlain = treatment === "hold" || t.num === 0n, time = toNumber(t);
    const image = isPlain ? first.image : blend(first.image, second.image, time);
    return { pts, timebase, image, facts: t.num === 0n ? first.facts : isPlain ? {} : { interpolated: { t: time } } };
  });
}

/** Returns the mean of the samples of two images, `b` with the weight `t`. */
function blend(a: Image, b: Image, t: number): Image {
  const planes = a.planes.map((plane, i) => {
    const other = b.planes[i]!, mixed = plane.slice();
    for (let k = 0; k < mixed.length; k++) mixed[k] = Math.round(plane[k]! + (other[k]! - plane[k]!) * t);
    return mixed;
  });
  return { ...a, planes };
}

/**
 * Returns a number for the noise of the output frame at `t`. It depends on the output, because source frames may have other
 * timestamps in a segment, where those of the container are kept.
 */
function seedOf(outputs: readonly OutputTime[], t: number): number {
  const { pts } = outputs.find((output) => toNumber(output.t) === t)!;
  return Number(BigInt.asUintN(24, pts * 7919n)) + Math.round(t * 65536);
}

function interpolateInterval(
  interval: Interval,
  options: FillOptions,
  { signal, isNeeded }: { readonly signal: AbortSignal; readonly isNeeded: boolean },
): Pending {
  const { first, second, outputs, timebase } = interval;
  const frameAt = (pts: bigint, image: Image, facts: Frame["facts"]): Frame => ({ pts, timebase, image, facts });
  if (outputs.length === 0) return Promise.resolve([]);
  if (second.facts.cut || isSame(first.image, second.image)) {
    return Promise.resolve(outputs.map(({ pts, t }) => {
      const isEarly = t.num * 2n < t.den;
      return frameAt(pts, (isEarly ? first : second).image, isSource({ pts, t }) ? first.facts : {});
    }));
  }
  if (second.facts.pair) return Promise.resolve(withoutMotion(interval, second.facts.pair));
  // Held frames share one time, and a video that plays backward has them in descending order.
  const times = [...new Set(outputs.filter((output) => !isSource(output)).map(({ t }) => toNumber(t)))].sort((a, b) =>
    a - b
  );
  const result = times.length === 0 || !isNeeded ? undefined : options.engine.run(
    { first: first.image, second: second.image, times, details: options.details ?? false },
    signal,
  );
  const frames = (async () => {
    const computed = await result, { still } = second.facts;
    const unchanged = computed && unchangedBlocks(first.image, second.image);
    const patterns = computed && findPatterns(first.image, second.image);
    const images = times.map((t, index) => {
      const plain = computed?.images[index] ?? first.image;
      const restored = still ? restoreStill(plain, first.image, second.image, t, still) : plain;
      const whole = patterns ? restorePatterns(restored, first.image, second.image, t, patterns) : restored;
      const grained = computed && options.grain === "match"
        ? matchGrain(whole, first.image, second.image, seedOf(outputs, t))
        : whole;
      return unchanged ? keepUnchanged(grained, first.image, unchanged) : grained;
    });
    return outputs.map((output, position) => {
      if (isSource(output)) return frameAt(output.pts, first.image, position === 0 ? first.facts : {});
      const t = toNumber(output.t), index = times.indexOf(t), details = computed?.details?.[index];
      return frameAt(output.pts, images[index]!, { interpolated: details ? { t, details } : { t } });
    });
  })();
  frames.catch(() => {});
  return frames;
}

/** Yields the frames of the outputs of intervals, in order. */
async function* fillOutputs(intervals: AsyncIterable<Interval>, options: FillOptions): AsyncGenerator<ExposedFrame> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const pending: { readonly frames: Pending; readonly interval: Interval; readonly shot: number }[] = [];
  const limit = options.engine.parallel + 1, { skip = 0, isExposed = false } = options;
  let begun = 0, last: bigint | undefined, shot = 0;
  async function* done(): AsyncGenerator<ExposedFrame> {
    const { frames, interval: { outputs, second, isReversed = false }, shot } = pending.shift()!;
    for (const [i, frame] of (await frames).entries()) {
      const { t, isSide = false } = outputs[i]!, isLate = second.facts.cut === true && t.num * 2n >= t.den;
      const isNext = second.facts.cut === true && isLate !== isReversed;
      yield { frame, isSide, shot: isNext ? shot + 1 : shot };
    }
  }
  try {
    for await (const interval of intervals) {
      signal.throwIfAborted();
      for (const { pts } of interval.outputs) {
        if (!isExposed || pts !== last) begun++;
        last = pts;
      }
      // An interval of which one frame is needed is computed completely: the same job then has the same result.
      const isNeeded = begun > skip && interval.outputs.length > 0;
      pending.push({ frames: interpolateInterval(interval, options, { signal, isNeeded }), interval, shot });
      if (interval.second.facts.cut) shot++;
      while (pending.length > limit) yield* done();
    }
    while (pending.length > 0) yield* done();
    signal.throwIfAborted();
  } finally {
    stop.abort(new DOMException("the video is no longer needed", "AbortError"));
    await Promise.allSettled(pending.map(({ frames }) => frames));
  }
}

/**
 * Yields the output frames of intervals, in order. The engine computes several intervals at once; ending the iteration early
 * stops it.
 */
export async function* fillIntervals(intervals: AsyncIterable<Interval>, options: FillOptions): AsyncGenerator<Frame> {
  const frames = fillOutputs(intervals, options);
  if (options.isExposed) yield* expose(frames, options.skip ?? 0);
  else for await (const { frame } of frames) yield frame;
}
