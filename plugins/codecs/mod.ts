/**
 * Reading and writing video files and image sequences.
 *
 * @module
 */
import { definePart, definePlugin, type Plugin } from "@slomo/core";
import { z } from "zod";
import { ffmpegCodec } from "./ffmpeg/codec.ts";
import { images } from "./images/mod.ts";

export { ffmpegCodec, type FfmpegCodecOptions } from "./ffmpeg/codec.ts";
export type { ImagesOptions } from "./images/mod.ts";
export type { FfmpegVersion, LibraryVersion } from "./ffmpeg/version.ts";
export { type EncoderReport, tryEncoders } from "./ffmpeg/encoders.ts";
export { type FfmpegTools, locateFfmpeg, type LocateOptions } from "./ffmpeg/locate.ts";

const ffmpeg = definePart({
  slot: "codec",
  name: "ffmpeg",
  description: "Video files, read and written by ffmpeg over pipes with exact time stamps.",
  options: z.strictObject({
    ffmpeg: z.string().min(1).optional().describe("Path of ffmpeg or of its folder; unsaid, it is looked for."),
    segmentFrames: z.int().min(1).optional().describe("Frames a segment of a video; unsaid, by the picture's size."),
  }),
  create: ffmpegCodec,
});

/** The codecs `ffmpeg` and `images`. */
const plugin: Plugin = definePlugin({
  name: "@slomo/codecs",
  apiVersion: 1,
  provides: [ffmpeg, images],
});

export default plugin;
