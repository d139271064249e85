import type {
  Codec,
  Finding,
  Frame,
  FrameWriter,
  MediaInfo,
  ProbeOptions,
  ReadOptions,
  WriteOptions,
  WritePlan,
} from "@slomo/core";
import { type FfmpegTools, locateFfmpeg } from "./locate.ts";
import { detailsOf, probeMedia } from "./probe.ts";
import { readFrames } from "./read.ts";
import { inspectFfmpeg } from "./inspect.ts";
import { minterpolateDoubler } from "./minterpolate.ts";
import { isWritable } from "./write/containers.ts";
import { GifWriter } from "./write/gif_writer.ts";
import { planVideo, videoOf } from "./write/plan.ts";
import { VideoWriter } from "./write/writer.ts";

/** Options of {@linkcode ffmpegCodec}. */
export interface FfmpegCodecOptions {
  /** Path of ffmpeg or of its folder. @default {$SLOMO_FFMPEG, the PATH, or a download from PyPI} */
  readonly ffmpeg?: string | undefined;
  /** Frames a segment of a video: what is unfinished of one is lost when the work is interrupted. @default {by the picture's size} */
  readonly segmentFrames?: number | undefined;
}

/** Names of pictures, which are for a codec of image sequences. */
const PICTURE = /\.(png|jpe?g|bmp|tiff?|exr|dpx|p[gnp]m|tga|webp|jxl)$/i;

/**
 * Reads and writes video files with ffmpeg, which is looked for when it is first needed. Frames cross pipes as raw planar
 * integers with exact time stamps; nothing is resampled that the encoder can take as it is.
 */
export function ffmpegCodec({ ffmpeg, segmentFrames }: FfmpegCodecOptions = {}): Codec {
  let located: Promise<FfmpegTools> | undefined;
  const tools = () => located ??= locateFfmpeg({ option: ffmpeg });

  async function* read(info: MediaInfo, options: ReadOptions = {}): AsyncGenerator<Frame> {
    const found = await tools();
    yield* readFrames(found, info, await detailsOf(found, info), options);
  }

  const plan = async (options: WriteOptions): Promise<WritePlan> =>
    await planVideo(await tools(), options, segmentFrames);

  return {
    source: {
      async accepts(location: string): Promise<boolean> {
        if (PICTURE.test(location)) return false;
        const stat = await Deno.stat(location).catch(() => undefined);
        return stat ? !stat.isDirectory : /\.\w+$/.test(location);
      },
      probe: async (location: string, options?: ProbeOptions): Promise<MediaInfo> =>
        await probeMedia(await tools(), location, options),
      read,
    },
    sink: {
      accepts: (location: string): Promise<boolean> => Promise.resolve(isWritable(location)),
      plan,
      async open(options: WriteOptions, given: WritePlan): Promise<FrameWriter> {
        const video = videoOf(options, given) ??
          videoOf(options, await plan({ ...options, encoder: given.encoder }))!;
        if (video.container.name !== "gif") return await VideoWriter.open(video);
        if (options.resumption?.resume) {
          const message =
            "a GIF has one palette for all its frames and is made in one go: there is nothing to go on from";
          options.resumption.onEvent({ type: "note", message });
        }
        return new GifWriter(video);
      },
    },
    rateDoublers: [minterpolateDoubler(tools)],
    inspect: (): Promise<Finding[]> => inspectFfmpeg(tools),
  };
}
