import type { Frame, Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { detectDuplicates, type DetectedFrame } from "../frames/duplicates.ts";
import { annotateCuts } from "../frames/scenes.ts";
import { annotateStill } from "../frames/still.ts";
import type { TimeCurve } from "../retime/curve.ts";
import { type Rational, rational } from "../time/rational.ts";
import { fillDuplicates } from "./fill_duplicates.ts";
import { fillIntervals, type FillOptions } from "./fill_intervals.ts";
import { holdPauses } from "./hold_pauses.ts";
import { curveIntervals, needsPasses } from "./curve_intervals.ts";
import { type Interval, intervalsOf } from "./intervals.ts";
import { annotatePairs, type PairTreatment } from "./pairs.ts";
import type { OutputMoment } from "./output_moments.ts";
import { rateOf, type Sampling, timeOf } from "./timeline.ts";

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
  /**
   * Noise of interpolated frames, part of which networks average away: `match` adds the difference from the noise of the
   * source frames. @default {noise is not changed}
   */
  readonly grain?: "match" | undefined;
  /** Whether to interpolate from the last frame to the first, for a video that loops. @default {false} */
  readonly loop?: boolean | undefined;
  /** Frame pairs that are not interpolated. The numbers count the frames that are read. */
  readonly pairs?: readonly PairTreatment[] | undefined;
  /**
   * Angle of the shutter in degrees, up to 360: each output frame is the mean of frames over `shutter / 360` of its duration, in linear
   * light. Not with a sampling by factor. @default {0, which is off}
   */
  readonly shutter?: number | undefined;
}

/** Options of {@linkcode planIntervals}. */
export interface IntervalChoice extends FrameOptions {
  /** Whether the last frame is shown for its own duration, as in video, or the video ends with it. @default {true} */
  readonly holdLast?: boolean | undefined;
  /** Time in seconds of the source's first frame, from which curves count. @default {the first frame's} */
  readonly origin?: Rational | undefined;
  /** Whether the frames have the facts of the detectors, which are left out then. @default {false} */
  readonly isDetected?: boolean | undefined;
}

/** Reads frames of a source from a time on, in seconds from its first frame; from the beginning if it is `undefined`. */
export type FrameReader = (start: Rational | undefined) => AsyncIterable<Frame>;

/** Callbacks of {@linkcode annotateFrames}. */
export interface FrameReports {
  /** Called for each source frame in order, after the detectors of cuts and duplicates. */
  readonly onSource?: ((frame: Frame) => void) | undefined;
  /** Called for frames that cannot be used. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Options of {@linkcode interpolate}. */
export interface InterpolateOptions extends IntervalChoice, FrameReports, FillOptions {}

/** Yields the frames; without a detector of duplicates, each may have new content. */
async function* withoutDuplicates(frames: AsyncIterable<Frame>): AsyncGenerator<DetectedFrame> {
  for await (const frame of frames) yield { frame, isChange: true };
}

/** Yields the frames with scene cuts and duplicate frames, unless the options turn the detectors off; and where content changes. */
export function detectContent(
  frames: AsyncIterable<Frame>,
  { cuts, duplicates = "fill" }: Pick<FrameOptions, "cuts" | "duplicates">,
): AsyncGenerator<DetectedFrame> {
  const withCuts = cuts === false ? frames : annotateCuts(frames, cuts ?? {});
  return duplicates === "fill" ? detectDuplicates(withCuts) : withoutDuplicates(withCuts);
}

/** Yields the frames with scene cuts and duplicate frames, unless the options turn the detectors off. */
export async function* annotateContent(
  frames: AsyncIterable<Frame>,
  options: Pick<FrameOptions, "cuts" | "duplicates">,
): AsyncGenerator<Frame> {
  for await (const { frame } of detectContent(frames, options)) yield frame;
}

type Size = Pick<Image, "width" | "height">;

/** @throws {UsageError} If a frame has another size than the first one. */
export function checkSize({ width, height }: Size, first: Size): void {
  if (width === first.width && height === first.height) return;
  throw new UsageError(
    `all frames must have the size of the first, ${first.width}×${first.height}, got one of ${width}×${height}`,
    { code: "size-mismatch" },
  );
}

/** Yields the frames, reports each, and checks that all have one size. */
async function* checkSizes(frames: AsyncIterable<Frame>, options: FrameReports): AsyncGenerator<Frame> {
  let first: Image | undefined;
  for await (const frame of frames) {
    checkSize(frame.image, first ??= frame.image);
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
 * Yields the source frames that are used, with the facts of the detectors.
 *
 * @throws {UsageError} If the frames differ in size.
 */
function annotateFrames(
  frames: AsyncIterable<Frame>,
  options: IntervalChoice & FrameReports,
): AsyncGenerator<Frame> {
  const ordered = dropUnordered(frames, options.onWarning);
  const detected = options.isDetected ? ordered : annotateContent(ordered, options);
  const paired = options.pairs ? annotatePairs(detected, options.pairs, options.onWarning) : detected;
  const annotated = checkSizes(paired, options);
  return options.keepStill ? annotateStill(annotated) : annotated;
}

/**
 * Yields the intervals of annotated frames, with their output times. Looks at times and facts only, and not at pixels.
 *
 * @param moments The output frames of a part of a curve. @default {those of the whole video}
 */
function planIntervals(
  annotated: AsyncIterable<Frame>,
  options: IntervalChoice,
  moments?: Iterator<OutputMoment>,
): AsyncGenerator<Interval> {
  const { sampling, slowdown = rational(1), duplicates = "fill", loop = false, holdLast = true, origin, shutter } =
    options;
  const intervals = intervalsOf(annotated, { sampling, slowdown, holdLast, loop, origin, shutter, moments });
  return holdPauses(duplicates === "fill" ? fillDuplicates(intervals) : intervals);
}

/** Returns whether frames that can be read only once are enough for a curve. */
function isForward({ runs }: TimeCurve): boolean {
  return runs.length === 1 && runs[0]!.direction === 1;
}

/**
 * Checks the angle of the shutter.
 *
 * @throws {UsageError} If it is out of range, or the sampling is by factor.
 */
export function checkShutter({ shutter = 0, sampling }: Pick<FrameOptions, "shutter" | "sampling">): void {
  if (!(shutter >= 0 && shutter <= 360)) {
    throw new UsageError(`\`shutter\` must be an angle from 0 to 360 degrees, got ${shutter}`, { option: "shutter" });
  }
  if (shutter > 0 && sampling.kind === "factor") {
    throw new UsageError(
      "`shutter` needs a fixed frame rate: give `fps`, `slow` or `retime`, and leave `factor` and `slowMotion` out",
      {
        option: "shutter",
      },
    );
  }
}

/** Yields the intervals of a source that a curve reads several times. */
async function* planPasses(
  read: FrameReader,
  sampling: Extract<Sampling, { kind: "curve" }>,
  options: IntervalChoice & FrameReports,
): AsyncGenerator<Interval> {
  let first: Frame | undefined;
  for await (first of read(undefined)) break;
  if (!first) return;
  const origin = options.origin ?? timeOf(first), fps = rateOf(sampling, first), { curve } = sampling;
  yield* curveIntervals({
    ...{ curve, fps, origin, first, shutter: options.shutter ?? 0 },
    read: (start) => annotateFrames(read(start), options),
    plan: (frames, moments) => planIntervals(frames, { ...options, origin, sampling: { ...sampling, fps } }, moments),
  });
}

/**
 * Interpolates frames of a video as they arrive. Source frames appear unchanged at output times that equal theirs, except
 * duplicates, which are replaced; no frame is interpolated across a scene cut, or during a pause of a variable frame rate. Memory does not depend on the video's length.
 *
 * @param frames Frames in presentation order, all of one size; or a function that reads them, for curves that play the source backward or more
 * than once.
 * @returns Output frames in order, each with its exact time in the time base that `outputTimebase` returns. The caller owns
 * them.
 * @throws {UsageError} If the frames differ in size, or a curve needs a function and there is none.
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
export async function* interpolate(
  frames: AsyncIterable<Frame> | FrameReader,
  options: InterpolateOptions,
): AsyncGenerator<Frame> {
  checkShutter(options);
  yield* fillIntervals(sourceIntervals(frames, options), { ...options, isExposed: (options.shutter ?? 0) > 0 });
}

/**
 * Yields the intervals of a source, whose output frames {@linkcode interpolate} returns.
 *
 * @throws {UsageError} As {@linkcode interpolate}.
 */
export function sourceIntervals(
  frames: AsyncIterable<Frame> | FrameReader,
  options: IntervalChoice & FrameReports,
): AsyncGenerator<Interval> {
  const { sampling } = options, isReader = typeof frames === "function";
  if (sampling.kind === "curve" && needsPasses(sampling.curve)) {
    if (options.pairs) {
      throw new UsageError(
        "`pairs` cannot be combined with a curve that does not play the frames from the first on, in order",
        {
          option: "pairs",
        },
      );
    }
    if (isReader) return planPasses(frames, sampling, options);
    if (!isForward(sampling.curve)) {
      throw new UsageError(
        "`retime` plays the frames backward or more than once, so they must come from a file, not from a program",
        { option: "retime" },
      );
    }
  }
  return planIntervals(annotateFrames(isReader ? frames(undefined) : frames, options), options);
}
