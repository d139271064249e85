import type { Finding, MediaHandler } from "@slomo/core";
import { servedFingerprint } from "@slomo/core/files";
import { inspectFfmpeg } from "./inspect.ts";
import { ffmpegLocator } from "./locate.ts";
import { FfmpegReader } from "./read.ts";
import { isWritable } from "./write/containers.ts";
import { planVideo } from "./write/plan.ts";

/** Options of {@linkcode ffmpegMedia}. */
export interface FfmpegMediaOptions {
  /** Path of ffmpeg or of its folder. @default {$SLOMO_FFMPEG, the PATH, or a downloaded ffmpeg} */
  readonly ffmpeg?: string | undefined;
  /** Frames per segment of a video; an interruption loses the segment that is being written. @default {by the frame size} */
  readonly segmentFrames?: number | undefined;
}

/** Extensions of image files, which the handler `images` reads. */
const IMAGE = /\.(png|jpe?g|bmp|tiff?|exr|dpx|p[gnp]m|tga|webp|jxl)$/i;

/**
 * Creates a media handler that reads and writes video files with ffmpeg. It locates ffmpeg at the first use. Frames cross
 * pipes as raw planar integers with exact timestamps, and are converted only if the encoder cannot take them as they are.
 */
export function ffmpegMedia({ ffmpeg, segmentFrames }: FfmpegMediaOptions = {}): MediaHandler {
  const locate = ffmpegLocator({ option: ffmpeg });
  return {
    source: {
      async accepts(location) {
        if (IMAGE.test(location)) return false;
        if (servedFingerprint(location) !== undefined) return true;
        const stat = await Deno.stat(location).catch(() => undefined);
        return stat ? !stat.isDirectory : /\.\w+$/.test(location);
      },
      open: async (location, options) => await FfmpegReader.open(await locate(options?.signal), location, options),
    },
    sink: {
      accepts: (location) => Promise.resolve(isWritable(location)),
      plan: async (options) => await planVideo(await locate(options.signal), options, segmentFrames),
    },
    inspect: (signal): Promise<Finding[]> => inspectFfmpeg(locate, signal),
  };
}
