import type { Frame, Image, PairDetails } from "@slomo/core";
import { compare, divide, multiply, type Rational, rational, subtract, toNumber } from "@slomo/core/time";
import { imageFromRgba, imageToRgba, type RgbaImage } from "./rgba.ts";

/** A frame of the caller: RGBA pixels, or an image as readers yield them. */
export type FrameInput = (RgbaImage | Image) & {
  /** Presentation time in seconds. @default {the frame's number divided by `inputFps`} */
  readonly time?: number | undefined;
};

/** Denominator of the time base of callers' frames: ticks per second. */
const CLOCK = 1_000_000;

/** Options for reading frames of the caller. */
export interface FramesFromOptions {
  /** Frame rate of frames without a time, in frames per second. */
  readonly fps: Rational;
  /** Start of the part to process, in seconds from the first frame. */
  readonly start?: Rational | undefined;
  /** End of the part to process, in seconds from the first frame. */
  readonly end?: Rational | undefined;
  /** Called with the time of the first frame in seconds, before any frame is yielded. */
  readonly onBegin?: ((time: Rational) => void) | undefined;
}

/** Converts frames of the caller to frames of the pipeline. */
export async function* framesFrom(
  source: Iterable<FrameInput> | AsyncIterable<FrameInput>,
  { fps, start, end, onBegin }: FramesFromOptions,
): AsyncGenerator<Frame> {
  let index = 0, begin: Rational | undefined;
  for await (const input of source) {
    const timebase = input.time === undefined ? divide(rational(1), fps) : rational(1, CLOCK);
    const pts = input.time === undefined ? BigInt(index) : BigInt(Math.round(input.time * CLOCK));
    index++;
    const time = multiply(rational(pts), timebase);
    if (!begin) onBegin?.(time);
    begin ??= time;
    const passed = subtract(time, begin);
    if (start && compare(passed, start) < 0) continue;
    if (end && compare(passed, end) >= 0) return;
    yield { pts, timebase, image: "planes" in input ? input : imageFromRgba(input), facts: {} };
  }
}

/** A frame with its exact time and its pixels. */
export abstract class TimedFrame {
  /** Exact presentation time, in units of `timebase`. */
  readonly pts: bigint;
  /** Time base: seconds per unit of `pts`. */
  readonly timebase: Rational;
  /** Planes in the pixel format of the source. */
  readonly image: Image;

  /** Creates it from a frame of the pipeline. */
  constructor({ pts, timebase, image }: Frame) {
    this.pts = pts;
    this.timebase = timebase;
    this.image = image;
  }

  /** Presentation time in seconds, rounded to a float. */
  get time(): number {
    return toNumber(multiply(rational(this.pts), this.timebase));
  }

  /** Converts the pixels to 8-bit RGBA, as canvases take them. */
  toRgba(): ImageData {
    return imageToRgba(this.image);
  }
}

/** An output frame: a source frame or an interpolated one. */
export class OutputFrame extends TimedFrame {
  /** Position between the two source frames, in (0, 1); `undefined` for a source frame. */
  readonly t: number | undefined;
  /** Flow and visibility, if requested by `details`. */
  readonly details: PairDetails | undefined;

  /** Creates an output frame from a frame of the pipeline. */
  constructor(frame: Frame) {
    super(frame);
    this.t = frame.facts.interpolated?.t;
    this.details = frame.facts.interpolated?.details;
  }

  /** Whether the frame was interpolated. */
  get isInterpolated(): boolean {
    return this.t !== undefined;
  }
}

/** A source frame, with the findings of the detectors. */
export class SourceFrame extends TimedFrame {
  /** Whether a new shot begins with this frame. */
  readonly isCut: boolean;
  /** Whether the frame repeats the content of the previous one. */
  readonly isDuplicate: boolean;

  /** Creates a source frame from a frame of the pipeline. */
  constructor(frame: Frame) {
    super(frame);
    this.isCut = frame.facts.cut ?? false;
    this.isDuplicate = frame.facts.duplicate ?? false;
  }
}
