import type { PairEngine } from "../contracts/engine.ts";
import type { Frame, Image } from "../contracts/frame.ts";
import { restoreStill } from "../frames/still.ts";
import { keepUnchanged, unchangedBlocks } from "../frames/unchanged.ts";
import { toNumber } from "../time/rational.ts";
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
    for (let k = 0; k < plane.length; k++) if (plane[k] !== other[k]) return false;
    return true;
  });
}

function interpolateInterval(
  { first, second, outputs, timebase }: Interval,
  options: FillOptions,
  { signal, isNeeded }: { readonly signal: AbortSignal; readonly isNeeded: boolean },
): Pending {
  const frameAt = (pts: bigint, image: Image, facts: Frame["facts"]): Frame => ({ pts, timebase, image, facts });
  if (outputs.length === 0) return Promise.resolve([]);
  if (second.facts.cut || isSame(first.image, second.image)) {
    return Promise.resolve(outputs.map(({ pts, t }) => {
      const isEarly = t.num * 2n < t.den;
      return frameAt(pts, (isEarly ? first : second).image, isSource({ pts, t }) ? first.facts : {});
    }));
  }
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
    const images = times.map((t, index) => {
      const plain = computed?.images[index] ?? first.image;
      const restored = still ? restoreStill(plain, first.image, second.image, t, still) : plain;
      return unchanged ? keepUnchanged(restored, first.image, unchanged) : restored;
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

/**
 * Yields the output frames of intervals, in order. The engine computes several intervals at once; ending the iteration early
 * stops it.
 */
export async function* fillIntervals(
  intervals: AsyncIterable<Interval>,
  options: FillOptions,
): AsyncGenerator<Frame> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const pending: Pending[] = [];
  const limit = options.engine.parallel + 1;
  let skipped = options.skip ?? 0;
  try {
    for await (const interval of intervals) {
      signal.throwIfAborted();
      // An interval of which one frame is needed is computed completely: the same job then has the same result.
      skipped -= interval.outputs.length;
      pending.push(interpolateInterval(interval, options, { signal, isNeeded: skipped < 0 }));
      while (pending.length > limit) yield* await pending.shift()!;
    }
    while (pending.length > 0) yield* await pending.shift()!;
    signal.throwIfAborted();
  } finally {
    stop.abort(new DOMException("the video is no longer needed", "AbortError"));
    await Promise.allSettled(pending);
  }
}
