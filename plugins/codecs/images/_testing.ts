/** Generated images and temporary folders for tests of image sequences. */
import type {
  Frame,
  Image,
  MediaHandler,
  MediaInfo,
  MediaReader,
  PixelFormat,
  ReadOptions,
  WriteOptions,
} from "@slomo/core";
import { planeSizes } from "@slomo/core/frames";
import { rational } from "@slomo/core/time";
import type { FfmpegTools } from "../ffmpeg/locate.ts";
import { images } from "./mod.ts";

/** Creates the media handler with an ffmpeg and options. */
export function imagesMedia(tools?: FfmpegTools, options: Record<string, unknown> = {}): Required<MediaHandler> {
  const given = { ...options, ...(tools && { ffmpeg: tools.ffmpeg }) };
  const checked = images.options["~standard"].validate(given) as { readonly value: unknown };
  return images.create(checked.value, { warp: { warp: (image) => image } }) as Required<MediaHandler>;
}

/** Generates an image of noise. */
export function noise(width: number, height: number, layout: Partial<PixelFormat>, seed = 1): Image {
  const format: PixelFormat = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false, ...layout };
  let state = seed * 7919;
  const planes = planeSizes(width, height, format).map(([w, h]) => {
    const plane = format.depth > 8 ? new Uint16Array(w * h) : new Uint8Array(w * h);
    for (let i = 0; i < plane.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      plane[i] = state >>> (32 - format.depth);
    }
    return plane;
  });
  return { width, height, format, color: format.model === "yuv" ? {} : { range: "full" }, planes };
}

/** Generates a gray image with one intensity level. */
export function flat(width: number, height: number, level: number): Image {
  const format = { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width, height, format, color: { range: "full" }, planes: [new Uint8Array(width * height).fill(level)] };
}

/** Returns the mean difference of two images of the same color model, without alpha, in intensity levels of 8 bits. */
export function difference(a: Image, b: Image): number {
  const levels = ({ format }: Image, value: number) => value / 2 ** (format.depth - 8);
  const differences = b.planes.flatMap((plane, index) =>
    [...plane].map((value, i) => levels(b, value) - levels(a, a.planes[index]![i]!))
  );
  return differences.reduce((sum, value) => sum + Math.abs(value), 0) / differences.length;
}

/** Writes images with the handler. */
export async function write(
  codec: Required<MediaHandler>,
  location: string,
  sequence: readonly Image[],
  options: Partial<WriteOptions> = {},
): Promise<void> {
  const all: WriteOptions = {
    location,
    image: sequence[0]!,
    timebase: rational(1, 25),
    sampleAspect: rational(1),
    rotation: 0,
    overwrite: false,
    ...options,
  };
  const writer = await (await codec.sink.plan(all)).open();
  try {
    for (const [i, image] of sequence.entries()) {
      await writer.write({ pts: BigInt(i), timebase: rational(1, 25), image, facts: {} });
    }
    await writer.finish();
  } finally {
    await writer.abort();
  }
}

/** Reads all frames of a location, and its description. */
export async function read(
  codec: Required<MediaHandler>,
  location: string,
  options?: ReadOptions,
): Promise<{ readonly reader: MediaReader; readonly info: MediaInfo; readonly frames: readonly Frame[] }> {
  const reader = await codec.source.open(location), frames: Frame[] = [];
  for await (const frame of reader.frames(options)) frames.push(frame);
  return { reader, info: reader.info, frames };
}

/** Runs a test with a new folder, and removes the folder afterwards. */
export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-images-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the sorted names in a folder, including hidden ones. */
export function list(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
