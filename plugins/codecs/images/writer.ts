import { type Frame, type FrameWriter, JobError, type WriteOptions } from "@slomo/core";
import { basename, dirname, join, resolve } from "@std/path";
import {
  bytesOfPicture,
  type FfmpegTools,
  fourcc,
  NutWriter,
  passthrough,
  type Process,
  processError,
  startProcess,
} from "../ffmpeg/mod.ts";
import { convertImage } from "./convert.ts";
import { nameOf, numberIn } from "./location.ts";
import type { ImagePlan } from "./plan.ts";
import { isWhole } from "./whole.ts";

/** Filters that bake a rotation in: image files have no tag for it. */
const TURN: Readonly<Record<number, string>> = { 90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock" };

/** The folder of `path`, or the nearest above it, that is there: a temporary folder beside it can be renamed to `path`. */
async function existingParent(path: string): Promise<string> {
  const parent = dirname(path);
  const there = await Deno.stat(parent).catch(() => undefined);
  return there || parent === path ? parent : existingParent(parent);
}

function encodeArguments(
  tools: FfmpegTools,
  { encoding, pixelFormat, target }: ImagePlan,
  rotation: number,
  path: string,
) {
  // The YUV of the pipe is of full range, which NUT can't say; told so on both sides, the scaler leaves the values alone.
  const range = target.format.model === "yuv" ? ["scale=in_range=pc:out_range=pc"] : [];
  const filters = [...(TURN[rotation] ? [TURN[rotation]] : []), ...range, `format=${pixelFormat}`];
  return [
    ...["-v", "error", "-f", "nut", "-i", "pipe:0", "-map", "0:v:0", ...passthrough(tools.version)],
    ...["-vf", filters.join(","), "-c:v", encoding.encoder, ...encoding.options],
    ...["-f", "image2", "-start_number", "1", path],
  ];
}

/** Writes frames as image files, numbered from 1. */
class ImageWriter implements FrameWriter {
  #count = 0;
  #finished = false;

  constructor(
    private readonly child: Process,
    private readonly nut: NutWriter,
    private readonly plan: ImagePlan,
    private readonly temporary: string,
    private readonly program: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async write({ image }: Frame): Promise<void> {
    const converted = convertImage(image, this.plan.target);
    if (this.#count === 0) await this.nut.start();
    await this.nut.frame(BigInt(this.#count++), bytesOfPicture(converted));
  }

  async finish(): Promise<void> {
    await this.child.closeInput();
    const exit = await this.child.exit;
    this.signal?.throwIfAborted();
    // From here on what was written is kept: under its name, or where the error says.
    this.#finished = true;
    const { folder } = this.plan;
    if (exit.code !== 0) {
      throw new JobError(
        `${processError(this.program, exit).message}; the images written so far are in ${this.temporary}`,
      );
    }
    await this.#checkFiles();
    try {
      await this.#moveTo(resolve(folder));
    } catch (error) {
      const why = (error as Error).message;
      throw new JobError(
        `the images could not be moved to ${folder}: ${why}; those not there yet are in ${this.temporary}`,
      );
    }
  }

  async abort(): Promise<void> {
    if (this.#finished) return;
    await this.child.kill();
    await Deno.remove(this.temporary, { recursive: true }).catch(() => {});
  }

  async #checkFiles(): Promise<void> {
    for (let number = 1; number <= this.#count; number++) {
      if (!await isWhole(join(this.temporary, nameOf(this.plan.pattern, number)))) {
        throw new JobError(
          `image ${number} of ${this.#count} was not written whole; is the disk full? The others are in ${this.temporary}`,
        );
      }
    }
  }

  async #moveTo(folder: string): Promise<void> {
    const { pattern } = this.plan;
    await Deno.mkdir(folder, { recursive: true });
    const stale: string[] = [];
    for await (const { name } of Deno.readDir(folder)) {
      const number = numberIn(pattern, name);
      if (number !== undefined && (number < 1 || number > this.#count)) stale.push(join(folder, name));
    }
    for (let number = 1; number <= this.#count; number++) {
      const name = nameOf(pattern, number);
      await Deno.rename(join(this.temporary, name), join(folder, name));
    }
    for (const path of stale) await Deno.remove(path);
    await Deno.remove(this.temporary);
  }
}

/** Begins to write images into a temporary folder beside the target. */
export async function openImages(tools: FfmpegTools, options: WriteOptions, plan: ImagePlan): Promise<FrameWriter> {
  const { timebase, sampleAspect, rotation, signal } = options, { width, height, format } = plan.target;
  const target = resolve(plan.folder);
  const temporary = join(await existingParent(target), `.${basename(target)}.${crypto.randomUUID()}.partial`);
  await Deno.mkdir(temporary);
  // Only the number is a pattern: percent signs of folders and names are doubled.
  const plain = (text: string) => text.replaceAll("%", "%%");
  const { before, digits, after } = plan.pattern;
  const path = `${plain(temporary)}/${plain(before)}%0${digits}d${plain(after)}`;
  try {
    const child = startProcess(tools.ffmpeg, encodeArguments(tools, plan, rotation, path), { input: true, signal });
    const nut = new NutWriter((bytes) => child.write(bytes), {
      num: timebase.num,
      den: timebase.den,
      width,
      height,
      sampleWidth: Number(sampleAspect.num),
      sampleHeight: Number(sampleAspect.den),
      fourcc: fourcc(format),
    });
    return new ImageWriter(child, nut, plan, temporary, tools.ffmpeg, signal);
  } catch (error) {
    await Deno.remove(temporary);
    throw error;
  }
}
