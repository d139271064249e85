import type { Frame, MediaReader, ReadOptions } from "@slomo/core";
import type { Rational } from "@slomo/core/time";
import { type FrameReader, peek, type PeekedFrames } from "@slomo/core/video";
import { type FrameInput, framesFrom } from "./frames.ts";

/** How {@linkcode beginFrames} reads. */
export interface BeginOptions extends ReadOptions {
  /** Frame rate of frames of the caller that have no time. */
  readonly fps: Rational;
}

/** Frames of which the first was read. */
export interface BegunFrames extends Pick<PeekedFrames, "first" | "close"> {
  /** All frames; or a function that reads them from any time on, if they can be read more than once. */
  readonly frames: AsyncIterable<Frame> | FrameReader;
  /** Time of the source's first frame in seconds, which a part may not include. */
  readonly origin: Rational | undefined;
  /** Frame rate of the source. */
  readonly rate: Rational;
}

/** Begins to read the frames of a source or of the caller; returns `undefined` if there is none. */
export async function beginFrames(
  source: MediaReader | Iterable<FrameInput> | AsyncIterable<FrameInput>,
  { fps, ...read }: BeginOptions,
): Promise<BegunFrames | undefined> {
  const reader = "info" in source ? source : undefined, { video } = reader?.info ?? {};
  let origin = video?.start;
  const onBegin = (time: Rational) => origin = time;
  const stored = "info" in source ? source.frames(read) : framesFrom(source, { ...read, fps, onBegin });
  const peeked = await peek(stored);
  if (!peeked) return undefined;
  const { first, all, close } = peeked;
  let isBegun = false;
  const from: FrameReader = (start) => {
    if (start || isBegun) return reader!.frames(start ? { ...read, start } : read);
    isBegun = true;
    return all;
  };
  return { first, close, frames: reader ? from : all, origin, rate: video?.rate ?? fps };
}
