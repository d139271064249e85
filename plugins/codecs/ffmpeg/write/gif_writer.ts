import { add, divide, multiply, rational } from "@slomo/core/time";
import { type Frame, type FrameWriter, JobError } from "@slomo/core";
import { fileArgument } from "../ffprobe.ts";
import { diskError, processError, runProcess } from "../process.ts";
import { passthrough } from "../version.ts";
import { FrameFeed } from "./feed.ts";
import { jobFilter, type WriteJob } from "./write_job.ts";
import { keptPath, removeIfThere, temporaryPath } from "./target.ts";
import { giveName } from "./writer.ts";

/** GIF counts in hundredths of a second. */
const CENTISECOND = rational(1, 100);

/** Shorter delays than two hundredths are shown as ten by browsers. */
const LEAST_DELAY = 2n;

/** The last frame that was taken: when it is shown, and how long the one before it was. */
interface Taken {
  readonly stamp: bigint;
  readonly frame: Frame;
  readonly delay: bigint;
}

/**
 * Writes a GIF with one palette for the whole video, so that still parts do not flicker: a first pass stores the frames
 * without loss beside the target while it counts their colors, a second one applies the palette. Memory stays flat.
 */
export class GifWriter implements FrameWriter {
  readonly #job: WriteJob;
  readonly #frames: string;
  readonly #palette: string;
  readonly #path: string;
  #feed: FrameFeed | undefined;
  #last: Taken | undefined;
  #isFinished = false;

  /** For what {@linkcode planVideo} settled. */
  constructor(job: WriteJob) {
    this.#job = job;
    const { location } = job.options;
    [this.#frames, this.#palette, this.#path] = [
      temporaryPath(location),
      temporaryPath(location),
      temporaryPath(location),
    ];
  }

  /** Takes the next frame; one that would be shown for less than 2/100 s is left out, as GIF cannot show it. */
  async write(frame: Frame): Promise<void> {
    this.#feed ??= this.#start(frame);
    const stamp = this.#feed.stampOf(frame);
    if (this.#last && stamp - this.#last.stamp < LEAST_DELAY) return;
    try {
      await this.#feed.write(frame);
      this.#last = { stamp, frame, delay: stamp - (this.#last?.stamp ?? stamp) };
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  #start(frame: Frame): FrameFeed {
    const job = this.#job, { options, tools } = job, { alpha } = options.image.format;
    const palette = `palettegen=stats_mode=full:reserve_transparent=${alpha ? 1 : 0}`;
    const filters = [
      ...jobFilter(job).filters,
      `format=${job.pixel.name}`,
      `split[frames][counted];[counted]${palette}[palette]`,
    ].join(",");
    return new FrameFeed({
      ...options,
      ffmpeg: tools.ffmpeg,
      args: [
        ...[
          "-nostdin",
          "-v",
          "error",
          "-y",
          "-copyts",
          "-f",
          "nut",
          "-i",
          "pipe:0",
          "-filter_complex",
          `[0:v]${filters}`,
        ],
        ...["-map", "[frames]", ...passthrough(tools.version), "-enc_time_base", "1/100", "-c:v", "ffv1"],
        ...["-f", "matroska", fileArgument(this.#frames)],
        ...["-map", "[palette]", "-frames:v", "1", "-c:v", "png", "-f", "rawvideo", fileArgument(this.#palette)],
      ],
      timebase: CENTISECOND,
      origin: multiply(rational(frame.pts), frame.timebase),
      rate: options.rate,
      signal: options.signal,
    });
  }

  /** Applies the palette and gives the file its final name. */
  async finish(): Promise<void> {
    const { tools, options: { location, signal } } = this.#job;
    if (!this.#feed || !this.#last) throw new JobError(`${location}: not one frame was written`);
    try {
      await this.#feed.end();
      const output = await runProcess(tools.ffmpeg, await this.#secondPass(this.#feed, this.#last), { signal });
      if (output.code !== 0 || output.signal || diskError(output.errors)) {
        throw processError(tools.ffmpeg, output, `writing ${location}`);
      }
    } catch (error) {
      throw await this.#salvage(error as Error);
    }
    this.#isFinished = true;
    await this.#clean();
    await giveName(this.#job, this.#path);
  }

  /** How long the last frame is shown, so that the video is as long as it should be: by itself, by the rate, or as before. */
  #lastDelay(feed: FrameFeed, { frame, stamp, delay }: Taken): bigint {
    const { rate } = this.#job.options, time = multiply(rational(frame.pts), frame.timebase);
    const shown = frame.duration !== undefined
      ? multiply(rational(frame.duration), frame.timebase)
      : rate && divide(rational(1), rate);
    if (!shown) return delay;
    const end = add(time, shown);
    return feed.stampOf({ ...frame, pts: end.num, timebase: rational(1n, end.den) }) - stamp;
  }

  async #secondPass(feed: FrameFeed, last: Taken): Promise<readonly string[]> {
    const { source, tools } = this.#job, isGif = source?.info.container === "gif";
    const delay = this.#lastDelay(feed, last);
    const loop = await loopOf(source?.info.location, isGif);
    return [
      ...["-nostdin", "-v", "error", "-y", "-copyts", "-f", "matroska", "-i", fileArgument(this.#frames)],
      ...["-f", "png_pipe", "-i", fileArgument(this.#palette)],
      ...["-lavfi", "[0:v][1:v]paletteuse=dither=bayer:bayer_scale=3", ...passthrough(tools.version)],
      ...["-enc_time_base", "1/100", "-c:v", "gif", "-loop", `${loop}`],
      ...(delay >= LEAST_DELAY ? ["-final_delay", `${delay}`] : []),
      ...["-f", "gif", fileArgument(this.#path)],
    ];
  }

  /** Keeps the frames of a video whose palette could not be applied. */
  async #salvage(error: Error): Promise<Error> {
    const { location, signal } = this.#job.options;
    const kept = await keptPath(location.replace(/\.gif$/i, ".mkv"));
    const isKept = !signal?.aborted && error instanceof JobError &&
      (await Deno.stat(this.#frames).catch(() => undefined))?.isFile &&
      await Deno.rename(this.#frames, kept).then(() => true, () => false);
    await this.abort();
    return isKept ? new JobError(`${error.message}; the video's frames are kept without loss as ${kept}`) : error;
  }

  async #clean(): Promise<void> {
    await removeIfThere(this.#frames);
    await removeIfThere(this.#palette);
  }

  /** Stops at once and removes what was written; does nothing after `finish`. */
  async abort(): Promise<void> {
    if (this.#isFinished) return;
    await this.#feed?.kill();
    await this.#clean();
    await removeIfThere(this.#path);
  }
}

/**
 * How often a GIF is shown, by its application block: 0 for ever, −1 once, else so many repeats, as ffmpeg's `-loop` takes it.
 *
 * @param head The file's first bytes; the block stands before the first picture.
 */
export function gifLoop(head: Uint8Array): number {
  const name = new TextEncoder().encode("NETSCAPE2.0");
  for (let at = 0; at + name.length + 4 < head.length; at++) {
    if (!name.every((byte, offset) => head[at + offset] === byte)) continue;
    const block = at + name.length;
    if (head[block] === 3 && head[block + 1] === 1) return head[block + 2]! | (head[block + 3]! << 8);
  }
  return -1;
}

/** How a source's video loops: as its GIF says, or for ever for one that is no GIF. */
export async function loopOf(location: string | undefined, isGif: boolean): Promise<number> {
  if (location === undefined || !isGif) return 0;
  using file = await Deno.open(location);
  const head = new Uint8Array(4096), length = await file.read(head) ?? 0;
  return gifLoop(head.subarray(0, length));
}
