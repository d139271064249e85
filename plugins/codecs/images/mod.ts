/** The media handler `images`, which reads and writes image sequences. @module */
import { definePart, type MediaHandler, type PartDefinition } from "@slomo/core";
import { parseRate, type Rational } from "@slomo/core/time";
import { z } from "zod";
import { ffmpegLocator } from "../ffmpeg/locate.ts";
import { isAnimatedWebp } from "./header.ts";
import { findPlace, findTarget } from "./location.ts";
import { planImages } from "./plan.ts";
import { ImageReader } from "./source.ts";
import { openImages } from "./writer.ts";

/** Options of the part `images`. */
export interface ImagesOptions {
  /** Path of ffmpeg or of its folder; located if absent. */
  readonly ffmpeg?: string | undefined;
  /** Frame rate of a sequence in frames per second, such as 25, 23.976 or `30000/1001`. @default {25} */
  readonly rate?: number | string | undefined;
}

interface Checked {
  readonly ffmpeg?: string | undefined;
  readonly rate: Rational;
}

const schema = z.strictObject({
  ffmpeg: z.string().optional().describe("Path of ffmpeg or of its folder; located if absent."),
  rate: z.union([z.number(), z.string()]).default(25).transform((value, context) => {
    const rate = parseRate(String(value));
    if (rate && rate.num > 0n) return rate;
    context.addIssue({ code: "custom", message: "must be a frame rate above 0, such as 25, 23.976 or 30000/1001" });
    return z.NEVER;
  }).describe("Frame rate of a sequence in frames per second, such as 25, 23.976 or 30000/1001."),
});

function createImages({ ffmpeg, rate }: Checked): MediaHandler {
  const locate = ffmpegLocator({ option: ffmpeg });
  return {
    source: {
      accepts: async (location) => await findPlace(location) !== undefined || await isAnimatedWebp(location),
      open: async (location, options) => await ImageReader.open(await locate(options?.signal), location, rate),
    },
    sink: {
      accepts: async (location) => await findTarget(location) !== undefined,
      async plan(options) {
        const found = await locate(options.signal), { plan, images } = await planImages(found, options);
        return {
          ...plan,
          open: ({ resumption, signal } = {}) => openImages(found, { ...options, resumption, signal }, images),
        };
      },
    },
  };
}

/** Reads and writes folders and patterns of numbered images. */
export const images: PartDefinition = definePart({
  slot: "media",
  name: "images",
  description: "Image sequences (png, jpg, webp, tiff, bmp, exr): a folder, or a pattern such as folder/%05d.png.",
  options: schema,
  create: createImages,
});
