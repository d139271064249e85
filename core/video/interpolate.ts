import type { PairEngine } from "../contracts/engine.ts";
import type { Frame, Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { annotateDuplicates } from "../frames/duplicates.ts";
import { annotateCuts } from "../frames/scenes.ts";
import { annotateStill, restoreStill } from "../frames/still.ts";
import { type Rational, rational, toNumber } from "../time/rational.ts";
import { fillDuplicates } from "./fill_duplicates.ts";
import { holdPauses } from "./hold_pauses.ts";
import { type Interval, intervalsOf } from "./intervals.ts";
import { type OutputTime, type Sampling, timeOf } from "./timeline.ts";

/** Which frames {@linkcode interpolate} produces. */
export interface FrameOptions {
  /** The times of the output frames: a multiple of the source rate, or a fixed rate. */
  readonly sampling: Sampling;
  /** How many times longer the video becomes. @default {1} */
  readonly slowdown?: Rational | undefined;
  /** Threshold of the scene cut detector; `false` disables it and keeps the cuts that the frames already mark. */
  readonly cuts?: { readonly threshold?: number | undefined } | false | undefined;
  /**
   * Duplicate frames: `fill` replaces them by interpolated frames, unless the content stays the same for more than a third of
   * a second; `keep` leaves them as they are. @default {"fill"}
   */
  readonly duplicates?: "fill" | "keep" | undefined;
  /** Whether pixels that do not move are copied from the source frames instead of interpolated. @default {false} */
  readonly keepStill?: boolean | undefined;
  /** Whether to interpolate from the last frame to the first, for a video that loops. @default {false} */
  readonly loop?: boolean | undefined;
}

/** Options of {@linkcode interpolate}. */
export interface InterpolateOptions extends FrameOptions {
  /** Computes the frames. It is not closed. */
  readonly engine: PairEngine;
  /** Whether the last frame is shown for its own duration, as in video, or the video ends with it. @default {true} */
  readonly holdLast?: boolean | undefined;
  /** Whether interpolated frames carry their optical flow and visibility masks. @default {false} */
  readonly details?: boolean | undefined;
  /**
   * Number of leading output frames whose pixels are not needed: they are not computed, and repeat a source frame instead.
   * @default {0}
   */
  readonly skip?: number | undefined;
  /** Stops the work; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each source frame in order, after the detectors. */
  readonly onSource?: ((frame: Frame) => void) | undefined;
  /** Called for frames that cannot be used. */
  readonly onWarning?: ((message: string) => void) | undefined;
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
  options: InterpolateOptions,
  { signal, isNeeded }: { readonly signal: AbortSignal; readonly isNeeded: boolean },
): Pending {
  const frameAt = (pts: bigint, image: Image, facts: Frame["facts"]): Frame => ({ pts, timebase, image, facts });
  if (second.facts.cut || isSame(first.image, second.image)) {
    return Promise.resolve(outputs.map(({ pts, t }) => {
      const isEarly = t.num * 2n < t.den;
      return frameAt(pts, (isEarly ? first : second).image, isSource({ pts, t }) ? first.facts : {});
    }));
  }
  const times = outputs.filter((output) => !isSource(output)).map(({ t }) => toNumber(t));
  const result = times.length === 0 || !isNeeded ? undefined : options.engine.run(
    { first: first.image, second: second.image, times, details: options.details ?? false },
    signal,
  );
  const frames = (async () => {
    const computed = await result;
    let index = 0;
    return outputs.map((output, position) => {
      if (isSource(output)) return frameAt(output.pts, first.image, position === 0 ? first.facts : {});
      const t = times[index]!, details = computed?.details?.[index], plain = computed?.images[index] ?? first.image;
      const { still } = second.facts, image = still ? restoreStill(plain, first.image, second.image, t, still) : plain;
      index++;
      return frameAt(output.pts, image, { interpolated: details ? { t, details } : { t } });
    });
  })();
  frames.catch(() => {});
  return frames;
}

/** Yields the frames with the facts of the requested detectors. */
function annotate(
  frames: AsyncIterable<Frame>,
  { cuts, duplicates = "fill", keepStill }: FrameOptions,
): AsyncIterable<Frame> {
  const withCuts = cuts === false ? frames : annotateCuts(frames, cuts ?? {});
  const withDuplicates = duplicates === "fill" ? annotateDuplicates(withCuts) : withCuts;
  return keepStill ? annotateStill(withDuplicates) : withDuplicates;
}

/** Yields the frames, reports each, and checks that all have one size. */
async function* checkSizes(frames: AsyncIterable<Frame>, options: InterpolateOptions): AsyncGenerator<Frame> {
  let first: Image | undefined;
  for await (const frame of frames) {
    const { width, height } = frame.image;
    first ??= frame.image;
    if (width !== first.width || height !== first.height) {
      throw new UsageError(
        `all frames must have the size of the first, ${first.width}×${first.height}, got one of ${width}×${height}`,
        { code: "size-mismatch" },
      );
    }
    options.onSource?.(frame);
    yield frame;
  }
}

/** Yields the frames whose timestamps increase, and warns about the others. */
async function* dropUnordered(
  frames: AsyncIterable<Frame>,
  onWarning?: (message: string) => void,
): AsyncGenerator<Frame> {
  let last: Frame | undefined;
  for await (const frame of frames) {
    if (last && timeOf(frame).num * timeOf(last).den <= timeOf(last).num * timeOf(frame).den) {
      onWarning?.(`a frame is dropped: its timestamp ${frame.pts} is not above the previous one, ${last.pts}`);
      continue;
    }
    last = frame;
    yield frame;
  }
}

/**
 * Interpolates frames of a video as they arrive. Source frames appear unchanged at output times that equal theirs, except
 * duplicates, which are replaced; no frame is interpolated across a scene cut, or during a pause of a variable frame rate. Memory does not depend on the video's length.
 *
 * @param frames Frames in presentation order, all of one size.
 * @returns Output frames in order, each with its exact time in the time base that `outputTimebase` returns. The caller owns
 * them.
 * @throws {UsageError} If the frames differ in size.
 *
 * @example
 * ```ts
 * import type { Frame, PairEngine } from "@slomo/core";
 * import { rational } from "@slomo/core/time";
 * import { interpolate } from "@slomo/core/video";
 *
 * async function slowDown(frames: AsyncIterable<Frame>, engine: PairEngine) {
 *   const factor = rational(4);
 *   for await (const frame of interpolate(frames, { engine, sampling: { kind: "factor", factor }, slowdown: factor })) {
 *     console.log(frame.pts, frame.facts.interpolated?.t);
 *   }
 * }
 * ```
 */
export async function* interpolate(frames: AsyncIterable<Frame>, options: InterpolateOptions): AsyncGenerator<Frame> {
  const { engine, sampling, slowdown = rational(1), duplicates = "fill", loop = false, holdLast = true } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const source = checkSizes(annotate(dropUnordered(frames, options.onWarning), options), options);
  const intervals = intervalsOf(source, { sampling, slowdown, holdLast, loop });
  const pending: Pending[] = [];
  const limit = engine.parallel + 1;
  let skipped = options.skip ?? 0;
  try {
    for await (const interval of holdPauses(duplicates === "fill" ? fillDuplicates(intervals) : intervals)) {
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
