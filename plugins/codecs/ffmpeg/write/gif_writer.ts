import { add, divide, multiply, rational } from "@slomo/core/time";
import { type Frame, type FrameWriter, JobError } from "@slomo/core";
import { fileArgument } from "../ffprobe.ts";
import { diskError, processError, runProcess, startProcess } from "../process.ts";
import { passthrough } from "../version.ts";
import { FrameFeed } from "./feed.ts";
import { isTiny, jobFilter, type WriteJob } from "./write_job.ts";
import { keptPath, removeIfThere, temporaryPath } from "./target.ts";
import { renameToTarget } from "./writer.ts";

/** Time base of GIF. */
const CENTISECOND = rational(1, 100);

/** Minimum delay in hundredths of a second. Browsers show shorter ones as ten. */
const LEAST_DELAY = 2n;

/** The last frame written, its timestamp, and the duration of the one before it. */
interface LastFrame {
  readonly timestamp: bigint;
  readonly frame: Frame;
  readonly delay: bigint;
}

/**
 * Writes a GIF with one palette for the whole video, so that still regions do not flicker: the first pass stores the frames
 * losslessly beside the target and counts their colors, the second pass applies the palette. Memory use is constant.
 */
export class GifWriter implements FrameWriter {
  readonly #job: WriteJob;
  readonly #frames: string;
  readonly #palette: string;
  readonly #path: string;
  #feed: FrameFeed | undefined;
  #last: LastFrame | undefined;
  #isFinished = false;

  /** Creates a writer for a job of {@linkcode planVideo}. */
  constructor(job: WriteJob) {
    this.#job = job;
    const { location } = job.options;
    [this.#frames, this.#palette, this.#path] = [
      temporaryPath(location),
      temporaryPath(location),
      temporaryPath(location),
    ];
  }

  /** Writes the next frame. Frames less than 2/100 s after the previous one are dropped, because GIF cannot show them. */
  async write(frame: Frame): Promise<void> {
    this.#feed ??= this.#start(frame);
    const timestamp = this.#feed.timestampOf(frame);
    if (this.#last && timestamp - this.#last.timestamp < LEAST_DELAY) return;
    try {
      await this.#feed.write(frame);
      this.#last = { timestamp, frame, delay: timestamp - (this.#last?.timestamp ?? timestamp) };
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
    const args = [
      ...["-nostdin", "-v", "error", "-y", "-copyts", "-f", "nut", "-i", "pipe:0"],
      ...["-filter_complex", `[0:v]${filters}`],
      ...["-map", "[frames]", ...passthrough(tools.version), "-enc_time_base", "1/100", "-c:v", "ffv1"],
      ...(isTiny(options.image) ? ["-level", "1"] : []),
      ...["-f", "matroska", fileArgument(this.#frames)],
      ...["-map", "[palette]", "-frames:v", "1", "-c:v", "png", "-f", "rawvideo", fileArgument(this.#palette)],
    ];
    return new FrameFeed({
      ...options,
      process: startProcess(tools.ffmpeg, args, { input: true, signal: options.signal }),
      timebase: CENTISECOND,
      origin: multiply(rational(frame.pts), frame.timebase),
      rate: options.rate,
      signal: options.signal,
    });
  }

  /** Applies the palette and gives the file its final name. */
  async finish(): Promise<void> {
    const { tools, options: { location, signal } } = this.#job;
    if (!this.#feed || !this.#last) {
      throw new JobError(`${location}: cannot write the video: it has no frames`, { code: "input-damaged" });
    }
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
    await renameToTarget(this.#job, this.#path);
  }

  /** Returns the delay of the last frame: its duration, that of the frame rate, or that of the previous frame. */
  #lastDelay(feed: FrameFeed, { frame, timestamp, delay }: LastFrame): bigint {
    const { rate } = this.#job.options, time = multiply(rational(frame.pts), frame.timebase);
    const shown = frame.duration !== undefined
      ? multiply(rational(frame.duration), frame.timebase)
      : rate && divide(rational(1), rate);
    if (!shown) return delay;
    const end = add(time, shown);
    return feed.timestampOf({ ...frame, pts: end.num, timebase: rational(1n, end.den) }) - timestamp;
  }

  async #secondPass(feed: FrameFeed, last: LastFrame): Promise<readonly string[]> {
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
    return isKept
      ? new JobError(`${error.message}; its frames are kept losslessly in ${kept}`, { code: "write-failed" })
      : error;
  }

  async #clean(): Promise<void> {
    await removeIfThere(this.#frames);
    await removeIfThere(this.#palette);
  }

  /** Stops and removes the output; does nothing after `finish`. */
  async abort(): Promise<void> {
    if (this.#isFinished) return;
    await this.#feed?.kill();
    await this.#clean();
    await removeIfThere(this.#path);
  }
}

/**
 * Returns the loop count of a GIF's application block, as ffmpeg's `-loop` does: 0 is infinite, −1 is once.
 *
 * @param head First bytes of the file; the block is before the first image.
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

/** Returns the loop count of the source: that of a GIF, or infinite for other videos. */
export async function loopOf(location: string | undefined, isGif: boolean): Promise<number> {
  if (location === undefined || !isGif) return 0;
  using file = await Deno.open(location);
  const head = new Uint8Array(4096), length = await file.read(head) ?? 0;
  return gifLoop(head.subarray(0, length));
}
