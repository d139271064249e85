import {
  add,
  divide,
  type Frame,
  type FrameWriter,
  JobError,
  multiply,
  type Rational,
  rational,
  subtract,
} from "@slomo/core";
import { probeFile } from "../ffprobe.ts";
import { encoderTimebase, filmArguments } from "./command.ts";
import { FrameFeed } from "./feed.ts";
import type { Film } from "./film.ts";
import { ensureLength } from "./mp4_length.ts";
import { repairRate } from "./matroska_rate.ts";
import { placeFilm } from "./placement.ts";
import { checkTarget, keptPath, removeIfThere, temporaryPath } from "./target.ts";

/** Gives a finished file its name; if that fails, keeps the film and says where. */
export async function giveName({ options: { location, overwrite } }: Film, path: string): Promise<void> {
  try {
    await checkTarget(location, overwrite, undefined);
    await Deno.rename(path, location);
  } catch (error) {
    const kept = await keptPath(location);
    const isKept = await Deno.rename(path, kept).then(() => true, () => false);
    throw new JobError(`${(error as Error).message}; the finished film is kept as ${isKept ? kept : path}`);
  }
}

/** Writes a film in one pass of ffmpeg, which starts with the first frame: its time stamp decides where the sound lies. */
export class FilmWriter implements FrameWriter {
  readonly #film: Film;
  readonly #path: string;
  #feed: FrameFeed | undefined;
  #first: Frame | undefined;
  #last: Frame | undefined;
  #step = 0n;
  #isFinished = false;

  /** For what {@linkcode planFilm} settled. */
  constructor(film: Film) {
    this.#film = film;
    this.#path = temporaryPath(film.options.location);
  }

  /** Takes the next frame; resolves when more can be taken. */
  async write(frame: Frame): Promise<void> {
    this.#feed ??= this.#start(frame);
    try {
      await this.#feed.write(frame);
    } catch (error) {
      await this.abort();
      throw error;
    }
    this.#step = this.#last ? frame.pts - this.#last.pts : frame.duration ?? 1n;
    this.#first ??= frame;
    this.#last = frame;
  }

  #start(frame: Frame): FrameFeed {
    const film = this.#film, { options, streams, tools } = film, first = multiply(rational(frame.pts), frame.timebase);
    const timebase = encoderTimebase(film);
    const placement = placeFilm(first, timebase, options.copy, streams.copies.map(({ stream }) => stream));
    return new FrameFeed({
      ...options,
      ffmpeg: tools.ffmpeg,
      args: filmArguments(film, placement, this.#path),
      timebase,
      origin: placement.origin,
      rate: options.rate,
      signal: options.signal,
    });
  }

  /** Ends the film and gives it its final name. */
  async finish(): Promise<void> {
    const { location, rate } = this.#film.options;
    if (!this.#feed) throw new JobError(`${location}: not one frame was written`);
    try {
      await this.#feed.end();
    } catch (error) {
      throw await this.#salvage(error as Error);
    }
    this.#isFinished = true;
    const { tools, container } = this.#film;
    if (container.rotation === "tag") await ensureLength(this.#path, this.#length());
    if (container.milliseconds && rate) await repairRate(tools, this.#path, rate);
    await giveName(this.#film, this.#path);
  }

  /** Seconds from the first frame to the end of the last, which is shown as it says, by the rate, or as the one before. */
  #length(): Rational {
    const { rate, timebase } = this.#film.options, first = this.#first!, last = this.#last!;
    const seconds = (frame: Frame) => multiply(rational(frame.pts), frame.timebase);
    const shown = last.duration !== undefined
      ? multiply(rational(last.duration), last.timebase)
      : rate
      ? divide(rational(1), rate)
      : multiply(rational(this.#step), timebase);
    return add(subtract(seconds(last), seconds(first)), shown);
  }

  /** Keeps a film whose last step failed, if it can be read; removes it otherwise. */
  async #salvage(error: Error): Promise<Error> {
    const { tools, options: { location, signal } } = this.#film;
    const isReadable = !signal?.aborted && await probeFile(tools, this.#path).then(() => true, () => false);
    if (!isReadable) {
      await this.abort();
      return error;
    }
    this.#isFinished = true;
    const kept = await keptPath(location);
    await Deno.rename(this.#path, kept);
    return new JobError(`${error.message}; what was written is kept as ${kept}`);
  }

  /** Stops at once and removes what was written; does nothing after `finish`. */
  async abort(): Promise<void> {
    if (this.#isFinished) return;
    await this.#feed?.kill();
    await removeIfThere(this.#path);
  }
}
