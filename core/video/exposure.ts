import type { Frame, Image } from "../contracts/frame.ts";
import { meanImage } from "../frames/mean_image.ts";

/** A frame of which several make an output frame, and how they belong together. */
export interface ExposedFrame {
  /** The frame; all frames of one output frame have its timestamp. */
  readonly frame: Frame;
  /** Whether it is before or after the middle of the exposure. */
  readonly isSide: boolean;
  /** Number of the shot, which changes at every scene cut. */
  readonly shot: number;
}

/** Returns the output frame of an exposure: the mean of the frames that are in the shot of the middle one. */
function exposed(group: readonly ExposedFrame[], isNeeded: boolean): Frame | undefined {
  const middle = group.find(({ isSide }) => !isSide);
  // An exposure whose middle is after the end of the video.
  if (!middle) return undefined;
  const images: Image[] = group.filter(({ shot }) => shot === middle.shot).map(({ frame }) => frame.image);
  const image = isNeeded ? meanImage(images) : middle.frame.image;
  if (image === middle.frame.image) return middle.frame;
  const { facts, ...rest } = middle.frame;
  return { ...rest, image, facts: { interpolated: facts.interpolated ?? { t: 0 } } };
}

/**
 * Yields the output frames of exposures.
 *
 * @param frames The frames of all exposures, in order.
 * @param skip Number of leading output frames whose pixels are not needed.
 */
export async function* expose(frames: AsyncIterable<ExposedFrame>, skip: number): AsyncGenerator<Frame> {
  let group: ExposedFrame[] = [], count = 0;
  for await (const frame of frames) {
    const last = group.at(-1);
    if (last && last.frame.pts !== frame.frame.pts) {
      const done = exposed(group, count++ >= skip);
      if (done) yield done;
      group = [];
    }
    group.push(frame);
  }
  const done = group.length > 0 ? exposed(group, count >= skip) : undefined;
  if (done) yield done;
}
