/** Previews: the frames between two source frames, and images of their flow, visibility and difference. */
import { type MediaInfo, UsageError } from "@slomo/core";
import { flowImage, longestFlow } from "@slomo/core/frames";
import { toNumber } from "@slomo/core/time";
import { imageToRgba, type OutputFrame, type Slomo, type SourceFrame } from "@slomo/slomo";
import type { Preview, View } from "../shared/types.ts";
import { shownFrame } from "./clips.ts";
import type { Pixels } from "./pixels.ts";

/** Request for a preview. */
export interface PreviewRequest {
  /** Path of the video. */
  readonly path: string;
  /** Facts about the video. */
  readonly info: MediaInfo;
  /** Time, in seconds from the first frame. */
  readonly time: number;
  /** Number of frames to interpolate. */
  readonly count: number;
  /** Most pixels of a frame; larger frames are made smaller first. */
  readonly most: number;
}

interface Kept {
  readonly preview: Preview;
  readonly ends: readonly [Pixels, Pixels];
  readonly frames: readonly OutputFrame[];
}

/** Previews that are kept. */
const MOST = 12;

/** Returns the two source frames around a time; at the end of the video its last two. */
async function pairAt(
  slomo: Slomo,
  { path, info, time }: PreviewRequest,
): Promise<readonly [SourceFrame, SourceFrame]> {
  const { video: { rate, start } } = info, begin = Math.max(0, time - 2.5 / toNumber(rate));
  let before: SourceFrame | undefined, last: SourceFrame | undefined;
  for await (const frame of slomo.scan(path, { start: begin, cuts: false, duplicates: "keep" })) {
    if (last && frame.time - toNumber(start) > time) return [last, frame];
    [before, last] = [last, frame];
  }
  if (before && last) return [before, last];
  throw new UsageError("preview: cannot show frames between two others: the video has only one there", {
    code: "empty-range",
  });
}

function mixed({ ends: [first, second] }: Kept, t: number): Pixels {
  const { data, ...size } = first;
  return { ...size, data: data.map((value, i) => (1 - t) * value + t * second.data[i]!) };
}

function ofGray(values: Float32Array, size: { readonly width: number; readonly height: number }): Pixels {
  const data = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => data.fill(255 * value, 4 * i, 4 * i + 3));
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { ...size, data };
}

/** Difference of two images, twice as strong. */
function difference({ width, height, data }: Pixels, b: Pixels): Pixels {
  return { width, height, data: data.map((value, i) => i % 4 === 3 ? 255 : 2 * Math.abs(value - b.data[i]!)) };
}

/** Makes previews and keeps the last ones for their images. */
export class Previews {
  readonly #kept = new Map<string, Kept>();

  /**
   * Interpolates the frames between two source frames.
   *
   * @throws {UsageError} If the video has only one frame there.
   */
  async make(slomo: Slomo, request: PreviewRequest): Promise<Preview> {
    const { info, count, most } = request, pair = await pairAt(slomo, request);
    const ends = pair.map((frame) => shownFrame(frame, info, most)) as unknown as readonly [Pixels, Pixels];
    const begun = performance.now(), frames: OutputFrame[] = [];
    const options = { factor: count + 1, details: true, cuts: false, duplicates: "keep" } as const;
    for await (const frame of slomo.frames(ends, options)) {
      if (frame.isInterpolated) frames.push(frame);
      if (frames.length === count) break;
    }
    const seconds = (performance.now() - begun) / 1000, { width, height } = ends[0];
    const flows = frames.flatMap(({ details }) => details ? [details.flowToFirst, details.flowToSecond] : []);
    const start = toNumber(info.video.start);
    const preview: Preview = {
      ...{ id: crypto.randomUUID(), width, height, seconds },
      between: [pair[0].time - start, pair[1].time - start],
      times: frames.map(({ t }) => t ?? 0),
      hasFlow: flows.length > 0,
      longest: Math.max(0, ...flows.map((values) => longestFlow({ width, height, values }))),
    };
    this.#kept.set(preview.id, { preview, ends, frames });
    for (const old of [...this.#kept.keys()].slice(0, -MOST)) this.#kept.delete(old);
    return preview;
  }

  /**
   * Returns an image of a preview. Its first and last are the source frames.
   *
   * @param index 0 for the first source frame, then the interpolated frames, then the second source frame.
   * @throws {UsageError} If there is no such image, or it is no longer kept.
   */
  pixels(id: string, view: View, index: number): Pixels {
    const kept = this.#kept.get(id), count = kept?.frames.length ?? 0;
    if (!kept || index < 0 || index > count + 1) {
      throw new UsageError("preview: the image is no longer kept; make the preview again");
    }
    if (index === 0) return kept.ends[0];
    if (index === count + 1) return kept.ends[1];
    const frame = kept.frames[index - 1]!, { t = 0, details, image } = frame, { width, height, longest } = kept.preview;
    if (view === "blend") return mixed(kept, t);
    if (view === "difference") return difference(frame.toRgba() as Pixels, mixed(kept, t));
    if (view === "interpolated" || !details || image.width !== width) return frame.toRgba() as Pixels;
    if (view === "visibility") return ofGray(details.visibility, { width, height });
    const values = view === "backward" ? details.flowToFirst : details.flowToSecond;
    return imageToRgba(flowImage({ width, height, values }, longest)) as Pixels;
  }
}
