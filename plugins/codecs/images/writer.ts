import { type Frame, type FrameWriter, JobError, type WriteOptions, type WriterOptions } from "@slomo/core";
import { dirname, join, resolve } from "@std/path";
import { z } from "zod";
import { bytesOfImage } from "../ffmpeg/image_bytes.ts";
import type { FfmpegTools } from "../ffmpeg/locate.ts";
import { fourcc } from "../ffmpeg/pixel_formats.ts";
import { NutWriter } from "../ffmpeg/nut/writer.ts";
import { passthrough } from "../ffmpeg/version.ts";
import { type Process, processError, startProcess } from "../ffmpeg/process.ts";
import { withFacts, WorkFolder, type WorkKind } from "../work_folder.ts";
import { convertImage } from "./convert.ts";
import { nameOf, type NamePattern, numberIn } from "./location.ts";
import type { ImagePlan } from "./plan.ts";
import { isWhole } from "./whole.ts";

/** Filters that rotate pixels, since image files have no tag for rotation. */
const ROTATION_FILTERS: Readonly<Record<number, string>> = {
  90: "transpose=clock",
  180: "hflip,vflip",
  270: "transpose=cclock",
};

/** Returns the nearest existing parent folder of `path`, so that a temporary folder in it can be renamed to `path`. */
async function existingParent(path: string): Promise<string> {
  const parent = dirname(path);
  const there = await Deno.stat(parent).catch(() => undefined);
  return there || parent === path ? parent : existingParent(parent);
}

function encodeArguments(
  tools: FfmpegTools,
  { encoding, pixelFormat, target }: ImagePlan,
  { rotation, path, first }: { readonly rotation: number; readonly path: string; readonly first: number },
): string[] {
  // The YUV in the pipe has full range, which NUT cannot store. With equal ranges the scaler keeps the values.
  const range = target.format.model === "yuv" ? ["scale=in_range=pc:out_range=pc"] : [];
  const filters = [
    ...(ROTATION_FILTERS[rotation] ? [ROTATION_FILTERS[rotation]] : []),
    ...range,
    `format=${pixelFormat}`,
  ];
  return [
    ...["-v", "error", "-f", "nut", "-i", "pipe:0", "-map", "0:v:0", ...passthrough(tools.version)],
    ...["-vf", filters.join(","), "-c:v", encoding.encoder, ...encoding.options],
    ...["-f", "image2", "-start_number", `${first}`, path],
  ];
}

/** Number of images from which the work of a run replaces that of an earlier run. */
const WORTH_KEEPING = 10;

/** The images of a pattern in a folder as unfinished work: those before the first incomplete one, except the last. */
function imageWork(pattern: NamePattern): WorkKind<true> {
  return {
    schema: z.literal(true),
    async find(folder) {
      let number = 1;
      while (await isWhole(join(folder, nameOf(pattern, number)))) number++;
      return { done: true, frames: Math.max(0, number - 2) };
    },
  };
}

/** Writes frames as image files, numbered from 1. */
class ImageWriter implements FrameWriter {
  readonly finished: number;
  #count = 0;
  #finished = false;

  constructor(
    private readonly child: Process,
    private readonly nut: NutWriter,
    private readonly plan: ImagePlan,
    private readonly work: WorkFolder<true>,
    private readonly program: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.finished = work.taken?.frames ?? 0;
  }

  async write({ image }: Frame): Promise<void> {
    const index = this.#count++ - this.finished;
    if (index < 0) return;
    if (index === 0) await this.nut.start();
    await this.nut.frame(BigInt(index), bytesOfImage(convertImage(image, this.plan.target)));
    if (index === WORTH_KEEPING) await this.work.commit(true);
  }

  async finish(): Promise<void> {
    await this.child.closeInput();
    const exit = await this.child.exit;
    // Closes its unused output.
    await this.child.kill();
    this.signal?.throwIfAborted();
    // From here on, images are kept: under their names, or in the folder that the error names.
    this.#finished = true;
    const { folder } = this.plan, kept = this.work.folder;
    if (exit.code !== 0) {
      throw new JobError(`${processError(this.program, exit).message}; the images written so far are in ${kept}`, {
        code: "write-failed",
      });
    }
    await this.#checkFiles();
    try {
      await this.#moveTo(resolve(folder));
    } catch (error) {
      const why = (error as Error).message;
      throw new JobError(`${folder}: cannot move the images: ${why}; the remaining images are in ${kept}`, {
        code: "write-failed",
      });
    }
    await this.work.remove();
  }

  async abort(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    await this.child.kill();
    await this.work.leave();
  }

  async #checkFiles(): Promise<void> {
    for (let number = 1; number <= this.#count; number++) {
      if (!await isWhole(join(this.work.folder, nameOf(this.plan.pattern, number)))) {
        throw new JobError(
          `image ${number} of ${this.#count} is incomplete; is the disk full? The others are in ${this.work.folder}`,
          { code: "write-failed" },
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
    // Moves the last images first: after an interruption, a resumed run can continue from the first ones.
    for (let number = this.#count; number >= 1; number--) {
      const name = nameOf(pattern, number);
      await Deno.rename(join(this.work.folder, name), join(folder, name));
    }
    for (const path of stale) await Deno.remove(path);
  }
}

/** Returns the facts that image files depend on, besides the frames. */
function imageFacts({ version }: FfmpegTools, { encoding, target, pixelFormat }: ImagePlan, options: WriteOptions) {
  const { rotation, sampleAspect } = options, text = JSON.stringify({ encoding, target, pixelFormat, rotation });
  return { ffmpeg: version.text, encoding: `${text} ${sampleAspect.num}:${sampleAspect.den}` };
}

/** Starts or resumes writing images to a work folder beside the target. */
export async function openImages(
  tools: FfmpegTools,
  options: WriteOptions & WriterOptions,
  plan: ImagePlan,
): Promise<FrameWriter> {
  const { location, timebase, sampleAspect, rotation, resumption, signal } = options;
  const { pattern, target: { width, height, format } } = plan, target = resolve(plan.folder);
  const place = { location, folder: await existingParent(target), name: `${target}/${nameOf(pattern, 1)}` };
  const own = withFacts(resumption, () => imageFacts(tools, plan, options));
  const work = await WorkFolder.open(place, own, imageWork(pattern));
  // Percent signs of folders and names are escaped.
  const plain = (text: string) => text.replaceAll("%", "%%");
  const path = `${plain(work.folder)}/${plain(pattern.before)}%0${pattern.digits}d${plain(pattern.after)}`;
  try {
    const args = encodeArguments(tools, plan, { rotation, path, first: 1 + (work.taken?.frames ?? 0) });
    const child = startProcess(tools.ffmpeg, args, { input: true, signal });
    const nut = new NutWriter((bytes) => child.write(bytes), {
      num: timebase.num,
      den: timebase.den,
      width,
      height,
      sampleWidth: Number(sampleAspect.num),
      sampleHeight: Number(sampleAspect.den),
      fourcc: fourcc(format),
    });
    return new ImageWriter(child, nut, plan, work, tools.ffmpeg, signal);
  } catch (error) {
    await work.leave();
    throw error;
  }
}
