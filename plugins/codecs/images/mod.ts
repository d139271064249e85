/** The codec part `images`: reads and writes image sequences. @module */
import { type Codec, definePart, type MediaInfo, type PartDefinition, type WritePlan } from "@slomo/core";
import { parseRate, type Rational } from "@slomo/core/time";
import { z } from "zod";
import { type FfmpegTools, locateFfmpeg } from "../ffmpeg/locate.ts";
import { findPlace, findTarget } from "./location.ts";
import { type ImagePlan, planImages } from "./plan.ts";
import { probeImages, readImages } from "./source.ts";
import { openImages } from "./writer.ts";

/** Options of the part `images`. */
export interface ImagesOptions {
  /** Path of ffmpeg or of its folder; unsaid, it is looked for. */
  readonly ffmpeg?: string | undefined;
  /** Frames a second at which a sequence is read, such as 25, 23.976 or `30000/1001`. @default {25} */
  readonly rate?: number | string | undefined;
}

interface Checked {
  readonly ffmpeg?: string | undefined;
  readonly rate: Rational;
}

const schema = z.strictObject({
  ffmpeg: z.string().optional().describe("Path of ffmpeg or of its folder; unsaid, it is looked for."),
  rate: z.union([z.number(), z.string()]).default(25).transform((value, context) => {
    const rate = parseRate(String(value));
    if (rate && rate.num > 0n) return rate;
    context.addIssue({ code: "custom", message: "must be a frame rate above 0, such as 25, 23.976 or 30000/1001" });
    return z.NEVER;
  }).describe("Frames a second at which a sequence is read, such as 25, 23.976 or 30000/1001."),
});

function createImages({ ffmpeg, rate }: Checked): Codec {
  let located: Promise<FfmpegTools> | undefined;
  const tools = () => located ??= locateFfmpeg({ option: ffmpeg });
  const plans = new WeakMap<WritePlan, ImagePlan>();
  return {
    source: {
      accepts: async (location) => await findPlace(location) !== undefined,
      probe: async (location) => await probeImages(await tools(), location, rate),
      read: (info: MediaInfo, options = {}) =>
        (async function* () {
          yield* readImages(await tools(), info, options);
        })(),
    },
    sink: {
      accepts: async (location) => await findTarget(location) !== undefined,
      async plan(options) {
        const { plan, images } = await planImages(await tools(), options);
        plans.set(plan, images);
        return plan;
      },
      async open(options, plan) {
        const images = plans.get(plan) ?? (await planImages(await tools(), options)).images;
        return await openImages(await tools(), options, images);
      },
    },
  };
}

/** Reads folders and patterns of numbered images, and writes them. */
export const images: PartDefinition = definePart({
  slot: "codec",
  name: "images",
  description: "Image sequences (png, jpg, webp, tiff, bmp, exr): a folder, or a pattern such as folder/%05d.png.",
  options: schema,
  create: createImages,
});
