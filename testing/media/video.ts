import type { FrameWriter, MediaHandler, WriteOptions } from "@slomo/core";
import type { Frame, Image, PixelFormat } from "@slomo/core";
import { planeSizes } from "@slomo/core/frames";
import { rational } from "@slomo/core/time";

/** Frames of a video that is written. */
export const COUNT = 4;

/** Frames a second. */
export const RATE = rational(25);

const TIMEBASE = rational(1, 25);

const RGB: PixelFormat = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false };

/** Sides that every layout of chroma divides. */
const SIZE = { width: 32, height: 24 } as const;

/** The image of a frame: a soft pattern that moves, far from black and white. */
export function imageAt(index: number, format: PixelFormat = RGB): Image {
  const { width, height } = SIZE, top = 2 ** format.depth - 1;
  const planes = planeSizes(width, height, format).map(([w, h], plane) => {
    const samples = format.depth > 8 ? new Uint16Array(w * h) : new Uint8Array(w * h);
    for (let i = 0; i < samples.length; i++) {
      const x = i % w - index, y = Math.floor(i / w);
      samples[i] = Math.round(top * (0.5 + 0.2 * Math.sin(0.3 * x + plane) * Math.cos(0.25 * y)));
    }
    return samples;
  });
  return { width, height, format, color: { range: format.model === "yuv" ? "limited" : "full" }, planes };
}

/** A frame of the video that is written. */
export function frameAt(index: number, format?: PixelFormat): Frame {
  return { pts: BigInt(index), timebase: TIMEBASE, duration: 1n, image: imageAt(index, format), facts: {} };
}

/** What a codec is asked to write. */
export function writeOptions(location: string, format?: PixelFormat): WriteOptions {
  const { planes: _, ...image } = imageAt(0, format);
  return {
    ...{ location, image, timebase: TIMEBASE, rate: RATE, sampleAspect: rational(1), rotation: 0 },
    overwrite: false,
  };
}

/** Plans a video and begins it. */
export async function begin(
  codec: MediaHandler,
  options: WriteOptions,
  signal?: AbortSignal,
): Promise<FrameWriter> {
  return await (await codec.sink!.plan(options)).open({ signal });
}

/** Writes the video. */
export async function writeVideo(codec: MediaHandler, location: string, format?: PixelFormat): Promise<void> {
  const writer = await begin(codec, writeOptions(location, format));
  for (let i = 0; i < COUNT; i++) await writer.write(frameAt(i, format));
  await writer.finish();
}

/** Names of all that lies in a folder, and in those in it. */
export async function listOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push(name, ...(isDirectory ? await listOf(`${folder}/${name}`) : []).map((below) => `${name}/${below}`));
  }
  return found.sort();
}
