import type { Frame, Image, PairDetails } from "@slomo/core";
import { compare, divide, multiply, type Rational, rational, subtract, toNumber } from "@slomo/core/time";
import { imageFromRgba, imageToRgba, type RgbaImage } from "./rgba.ts";

/** A frame that the caller has: RGBA pixels, or an image as readers give them. */
export type FrameInput = (RgbaImage | Image) & {
  /** Presentation time in seconds. @default {the frame's number over `inputFps`} */
  readonly time?: number | undefined;
};

/** Ticks a second of the clock on which the times of callers' frames are kept. */
const CLOCK = 1_000_000;

/** How frames of the caller are read. */
export interface FramesFromOptions {
  /** Frame rate of frames without a time. */
  readonly fps: Rational;
  /** Seconds from the first frame at which to start. */
  readonly start?: Rational | undefined;
  /** Seconds from the first frame at which to end. */
  readonly end?: Rational | undefined;
}

/** Gives frames of the caller the form that the pipeline reads. */
export async function* framesFrom(
  source: Iterable<FrameInput> | AsyncIterable<FrameInput>,
  { fps, start, end }: FramesFromOptions,
): AsyncGenerator<Frame> {
  let index = 0, begin: Rational | undefined;
  for await (const input of source) {
    const timebase = input.time === undefined ? divide(rational(1), fps) : rational(1, CLOCK);
    const pts = input.time === undefined ? BigInt(index) : BigInt(Math.round(input.time * CLOCK));
    index++;
    const time = multiply(rational(pts), timebase);
    begin ??= time;
    const passed = subtract(time, begin);
    if (start && compare(passed, start) < 0) continue;
    if (end && compare(passed, end) >= 0) return;
    yield { pts, timebase, image: "planes" in input ? input : imageFromRgba(input), facts: {} };
  }
}

/** A frame that comes out: of the source, or interpolated. */
export class OutputFrame {
  /** Exact presentation time, as `pts` units of `timebase` seconds. */
  readonly pts: bigint;
  /** Seconds a unit of `pts`. */
  readonly timebase: Rational;
  /** Position between the two source frames, in (0, 1); `undefined` for a source frame. */
  readonly t: number | undefined;
  /** Planes in the pixel format of the source. */
  readonly image: Image;
  /** Flow and visibility, where `details` asked for them. */
  readonly details: PairDetails | undefined;

  /** Wraps a frame of the pipeline. */
  constructor({ pts, timebase, image, facts }: Frame) {
    this.pts = pts;
    this.timebase = timebase;
    this.t = facts.interpolated?.t;
    this.image = image;
    this.details = facts.interpolated?.details;
  }

  /** Presentation time in seconds, rounded to a float. */
  get time(): number {
    return toNumber(multiply(rational(this.pts), this.timebase));
  }

  /** Whether the frame was interpolated. */
  get isInterpolated(): boolean {
    return this.t !== undefined;
  }

  /** Converts the pixels to 8-bit RGBA, as canvases take them. */
  toRgba(): ImageData {
    return imageToRgba(this.image);
  }
}
