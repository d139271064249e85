import type { Frame, FrameWriter, Image, MediaHandler, PartDefinition, PixelFormat, WriteOptions } from "@slomo/core";
import { planeSizes } from "@slomo/core/frames";
import { rational } from "@slomo/core/time";
import type { CaseName, MediaTrial } from "../options.ts";

/** Number of frames of the written video. */
export const COUNT = 4;

/** Frame rate of the written video. */
export const RATE = rational(25);

const TIMEBASE = rational(1, 25);

const RGB: PixelFormat = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false };

/** Width and height, divisible by every chroma subsampling. */
const SIZE = { width: 32, height: 24 } as const;

/** Returns the image of a frame: a smooth moving pattern without black and white. */
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

/** Returns a frame of the written video. */
export function frameAt(index: number, format?: PixelFormat): Frame {
  return { pts: BigInt(index), timebase: TIMEBASE, duration: 1n, image: imageAt(index, format), facts: {} };
}

/** Returns the options of the written video. */
export function writeOptions(location: string, format?: PixelFormat): WriteOptions {
  const { planes: _, ...image } = imageAt(0, format);
  return {
    ...{ location, image, timebase: TIMEBASE, rate: RATE, sampleAspect: rational(1), rotation: 0 },
    overwrite: false,
  };
}

/**
 * Plans a video, and opens the writer.
 *
 * @throws {Error} If the handler only reads.
 */
export async function begin(
  handler: MediaHandler,
  options: WriteOptions,
  signal?: AbortSignal,
): Promise<FrameWriter> {
  if (!handler.sink) throw new Error("it has no sink; do not set `write` for a handler that only reads");
  return await (await handler.sink.plan(options)).open({ signal });
}

/** Writes a video. */
export async function writeVideo(handler: MediaHandler, location: string, format?: PixelFormat): Promise<void> {
  const writer = await begin(handler, writeOptions(location, format));
  for (let i = 0; i < COUNT; i++) await writer.write(frameAt(i, format));
  await writer.finish();
}

/** Returns the relative paths of all files and folders below a folder. */
export async function listOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push(name, ...(isDirectory ? await listOf(`${folder}/${name}`) : []).map((below) => `${name}/${below}`));
  }
  return found.sort();
}

/** The media handler under test. */
export interface MediaSubject {
  /** Slot and name, for messages. */
  readonly name: string;
  /** Definition of the part in the plugin. */
  readonly definition: PartDefinition;
  /** Locations and sample videos. */
  readonly trial: MediaTrial;
  /** The media handler. */
  readonly handler: MediaHandler;
  /** An empty folder for this case. */
  readonly folder: string;
}

/** A conformance case of media handlers. */
export interface MediaCase {
  /** Name of the case. */
  readonly id: CaseName;
  /** The requirement, as a predicate whose subject is the handler. */
  readonly sentence: string;
  /** Returns whether the case applies to a handler. */
  readonly applies: (trial: MediaTrial) => boolean;
  /** @throws {Error} If the handler violates the requirement. */
  run(subject: MediaSubject): Promise<void>;
}

/** Returns whether there is a video for the handler to read. */
export function isReader({ write, sample }: MediaTrial): boolean {
  return sample !== undefined || write !== undefined;
}

/** Creates a video for the handler to read, and returns its location. */
export async function videoFor({ handler, trial, folder }: MediaSubject): Promise<string> {
  if (trial.sample) return await trial.sample(folder);
  if (!trial.write) throw new Error("it has a source; set `sample` to a video, or `write` if it reads what it writes");
  const location = trial.write(folder);
  await writeVideo(handler, location, trial.format);
  return location;
}
