/**
 * Reading and writing video files and image sequences.
 *
 * @module
 */
import { definePart, definePlugin, type Plugin } from "@slomo/core";
import { z } from "zod";
import { ffmpegLocator } from "./ffmpeg/locate.ts";
import { ffmpegMedia } from "./ffmpeg/media.ts";
import { minterpolateDoubler } from "./ffmpeg/minterpolate.ts";
import { vmafMetric } from "./ffmpeg/vmaf.ts";
import { images } from "./images/mod.ts";

export { ffmpegMedia, type FfmpegMediaOptions } from "./ffmpeg/media.ts";
export type { ImagesOptions } from "./images/mod.ts";
export type { FfmpegVersion, LibraryVersion } from "./ffmpeg/version.ts";
export { type EncoderReport, tryEncoders } from "./ffmpeg/encoders.ts";
export { type FfmpegTools, locateFfmpeg, type LocateOptions } from "./ffmpeg/locate.ts";

const ffmpeg = definePart({
  slot: "media",
  name: "ffmpeg",
  description: "Video files, read and written by ffmpeg over pipes with exact timestamps.",
  options: z.strictObject({
    ffmpeg: z.string().min(1).optional().describe("Path of ffmpeg or of its folder; located if absent."),
    segmentFrames: z.int().min(1).optional().describe("Frames per segment of a video; by the frame size if absent."),
  }),
  create: ffmpegMedia,
});

const minterpolate = definePart({
  slot: "rateDoubler",
  name: "minterpolate",
  description: "ffmpeg's motion-compensated filter minterpolate, as a baseline.",
  options: z.strictObject({
    ffmpeg: z.string().min(1).optional().describe("Path of ffmpeg or of its folder; located if absent."),
  }),
  create({ ffmpeg }) {
    return minterpolateDoubler(ffmpegLocator({ option: ffmpeg }));
  },
});

const vmaf = definePart({
  slot: "metric",
  name: "vmaf",
  description: "VMAF by ffmpeg's filter libvmaf.",
  options: z.strictObject({
    ffmpeg: z.string().min(1).optional().describe("Path of ffmpeg or of its folder; located if absent."),
  }),
  create({ ffmpeg }) {
    return vmafMetric(ffmpegLocator({ option: ffmpeg }));
  },
});

/** The media handlers `ffmpeg` and `images`, the baseline `minterpolate`, and the metric `vmaf`. */
const plugin: Plugin = definePlugin({
  name: "@slomo/codecs",
  apiVersion: 1,
  provides: [ffmpeg, images, minterpolate, vmaf],
});

export default plugin;
