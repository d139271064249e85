import type { PairEngine } from "../contracts/engine.ts";
import type { Frame, Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { annotateDuplicates } from "../frames/duplicates.ts";
import { annotateCuts } from "../frames/scenes.ts";
import { annotateStill } from "../frames/still.ts";
import { holdStill } from "../frames/still/hold.ts";
import { type Rational, rational, toNumber } from "../time/rational.ts";
import { fillDuplicates } from "./fill_duplicates.ts";
import { type Step, stepsOf } from "./steps.ts";
import { type Sampling, type Slot, timeOf } from "./timeline.ts";

/** How {@linkcode interpolate} fills a video. */
export interface InterpolateOptions {
  /** What computes the frames. It is not closed. */
  readonly engine: PairEngine;
  /** Where the output frames lie: so many times as many, or at a fixed rate. */
  readonly sampling: Sampling;
  /** How many times longer the video becomes. @default {1} */
  readonly slowdown?: Rational | undefined;
  /** Threshold of the cut detector; `false` leaves it out and keeps the cuts that the frames bring along. */
  readonly cuts?: { readonly threshold?: number | undefined } | false | undefined;
  /**
   * Frames that repeat the one before: `fill` lets the picture move on into the next over all the time that it is held,
   * unless that is more than a third of a second; `keep` leaves them as they are. @default {"fill"}
   */
  readonly duplicates?: "fill" | "keep" | undefined;
  /** Whether what stands still in a run of frames is taken from them and not made. @default {false} */
  readonly keepStill?: boolean | undefined;
  /** Whether the last frame moves on into the first one. @default {false} */
  readonly loop?: boolean | undefined;
  /** Whether the last frame is held for its own duration, as video wants, or the video ends on it. @default {true} */
  readonly holdLast?: boolean | undefined;
  /** Whether frames bring along the flow and visibility that they were made of. @default {false} */
  readonly details?: boolean | undefined;
  /**
   * Told the output's time base before anything is computed; gives the number of first output frames whose pictures are not
   * wanted: none is made for them, and the frame before stands in.
   */
  readonly onStart?: ((timebase: Rational) => Promise<number>) | undefined;
  /** Stops the work; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each source frame in order, with what the detectors found. */
  readonly onSource?: ((frame: Frame) => void) | undefined;
  /** Told of frames that cannot be used as they are. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Output frames of one pair, those of the engine still under way. */
type Pending = Promise<Frame[]>;

const isSource = ({ t }: Slot) => t.num === 0n;

/** Whether two pictures are the same to the last bit, so that nothing lies between them. */
function isSame(a: Image, b: Image): boolean {
  return a === b || a.planes.every((plane, i) => {
    const other = b.planes[i]!;
    for (let k = 0; k < plane.length; k++) if (plane[k] !== other[k]) return false;
    return true;
  });
}

function fillStep(
  { first, second, slots, timebase }: Step,
  options: InterpolateOptions,
  { signal, isWanted }: { readonly signal: AbortSignal; readonly isWanted: boolean },
): Pending {
  const stamped = (pts: bigint, image: Image, facts: Frame["facts"]): Frame => ({ pts, timebase, image, facts });
  if (second.facts.cut || isSame(first.image, second.image)) {
    return Promise.resolve(slots.map(({ pts, t }) => {
      const isEarly = t.num * 2n < t.den;
      return stamped(pts, (isEarly ? first : second).image, isSource({ pts, t }) ? first.facts : {});
    }));
  }
  const times = slots.filter((slot) => !isSource(slot)).map(({ t }) => toNumber(t));
  const result = times.length === 0 || !isWanted ? undefined : options.engine.run(
    { first: first.image, second: second.image, times, details: options.details ?? false },
    signal,
  );
  const filled = (async () => {
    const made = await result;
    let index = 0;
    return slots.map((slot, position) => {
      if (isSource(slot)) return stamped(slot.pts, first.image, position === 0 ? first.facts : {});
      const t = times[index]!, details = made?.details?.[index], filled = made?.images[index] ?? first.image;
      const { still } = second.facts, image = still ? holdStill(filled, first.image, second.image, t, still) : filled;
      index++;
      return stamped(slot.pts, image, { interpolated: details ? { t, details } : { t } });
    });
  })();
  filled.catch(() => {});
  return filled;
}

/** Frames with the facts that the options ask for. */
function annotated(
  frames: AsyncIterable<Frame>,
  { cuts, duplicates = "fill", keepStill }: InterpolateOptions,
): AsyncIterable<Frame> {
  const shots = cuts === false ? frames : annotateCuts(frames, cuts ?? {});
  const pictures = duplicates === "fill" ? annotateDuplicates(shots) : shots;
  return keepStill ? annotateStill(pictures) : pictures;
}

/** Frames as they come, each told of, all of one size. */
async function* watched(frames: AsyncIterable<Frame>, options: InterpolateOptions): AsyncGenerator<Frame> {
  let first: Image | undefined;
  for await (const frame of frames) {
    const { width, height } = frame.image;
    first ??= frame.image;
    if (width !== first.width || height !== first.height) {
      throw new UsageError(
        `all frames must have the size of the first, ${first.width}×${first.height}, got one of ${width}×${height}`,
      );
    }
    options.onSource?.(frame);
    yield frame;
  }
}

/** Frames whose time stamps rise, and the warning for those left out. */
async function* rising(frames: AsyncIterable<Frame>, onWarning?: (message: string) => void): AsyncGenerator<Frame> {
  let last: Frame | undefined;
  for await (const frame of frames) {
    if (last && timeOf(frame).num * timeOf(last).den <= timeOf(last).num * timeOf(frame).den) {
      onWarning?.(`a frame whose time stamp ${frame.pts} is not above the one before, ${last.pts}, is left out`);
      continue;
    }
    last = frame;
    yield frame;
  }
}

/**
 * Fills a video with frames in between, as they come. Source frames appear as they are wherever an output time meets theirs,
 * but for repeats, which are filled; nothing is invented across a cut. Holds a handful of frames whatever the video's length.
 *
 * @param frames Frames in order of presentation, all of one size.
 * @returns Frames in order, each with its exact time. The caller owns them.
 * @throws {UsageError} If the frames differ in size.
 *
 * @example
 * ```ts
 * import { interpolate, openEngine, rational } from "@slomo/slomo";
 *
 * async function slowDown(frames, manifest, weights) {
 *   const { engine } = await openEngine({ toolkit, weights });
 *   const factor = rational(4);
 *   for await (const frame of interpolate(frames, { engine, sampling: { kind: "factor", factor }, slowdown: factor })) {
 *     console.log(frame.pts, frame.facts.interpolated);
 *   }
 * }
 * ```
 */
export async function* interpolate(frames: AsyncIterable<Frame>, options: InterpolateOptions): AsyncGenerator<Frame> {
  const { engine, sampling, slowdown = rational(1), duplicates = "fill", loop = false, holdLast = true } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const source = watched(annotated(rising(frames, options.onWarning), options), options);
  const plain = stepsOf(source, { sampling, slowdown, holdLast, loop });
  const pending: Pending[] = [];
  const atOnce = engine.parallel + 1;
  let unwanted: number | undefined;
  try {
    for await (const step of duplicates === "fill" ? fillDuplicates(plain) : plain) {
      signal.throwIfAborted();
      // A step of which one frame is wanted is made as a whole: the same question to the engine has the same answer.
      unwanted = (unwanted ?? await options.onStart?.(step.timebase) ?? 0) - step.slots.length;
      pending.push(fillStep(step, options, { signal, isWanted: unwanted < 0 }));
      while (pending.length > atOnce) yield* await pending.shift()!;
    }
    while (pending.length > 0) yield* await pending.shift()!;
    signal.throwIfAborted();
  } finally {
    stop.abort(new DOMException("the video is no longer wanted", "AbortError"));
    await Promise.allSettled(pending);
  }
}
