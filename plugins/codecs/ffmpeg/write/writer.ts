import { add, divide, multiply, type Rational, rational, round, subtract } from "@slomo/core/time";
import { type Frame, type FrameWriter, JobError } from "@slomo/core";
import { basename, dirname, join } from "@std/path";
import { withFacts, WorkFolder } from "../../work_folder.ts";
import { decimal } from "../decimal.ts";
import { diskError, processError, runProcess } from "../process.ts";
import { encoderTimebase, segmentArguments, videoArguments } from "./command.ts";
import { DistinctTimes, timeOf } from "./distinct_times.ts";
import { FrameFeed } from "./feed.ts";
import { encodeAudio, type WriteJob } from "./write_job.ts";
import { joinArguments, type JoinFiles, segmentList } from "./join.ts";
import { repairRate } from "./matroska_rate.ts";
import { ensureLength } from "./mp4_length.ts";
import { padTransport } from "./pad_transport.ts";
import { lasting, type Placement, placeVideo } from "./placement.ts";
import { micros, sealSegment, type Segment, SEGMENTS } from "./segment.ts";
import { fitChapters } from "./chapters.ts";
import { extractAttachedPictures } from "./attached_pictures.ts";
import { fitSubtitles } from "./subtitles.ts";
import { checkTarget, keptPath, removeIfThere } from "./target.ts";

/** Renames a finished file to the target. If that fails, keeps the video and reports its path. */
export async function renameToTarget({ options: { location, overwrite } }: WriteJob, path: string): Promise<void> {
  try {
    await checkTarget(location, overwrite, undefined);
    await Deno.rename(path, location);
  } catch (error) {
    const kept = await keptPath(location);
    const isKept = await Deno.rename(path, kept).then(() => true, () => false);
    throw new JobError(`${(error as Error).message}; the finished video is kept as ${isKept ? kept : path}`, {
      code: "write-failed",
    });
  }
}

/** Returns the facts that segments depend on, besides the frames. */
function videoFacts(job: WriteJob): Record<string, string> {
  const { tools, container, segmentFrames, options: { image, sampleAspect, rate } } = job;
  const facts = { image, sampleAspect, rate, container: container.name, segmentFrames };
  const text = JSON.stringify(facts, (_, value) => typeof value === "bigint" ? `${value}` : value);
  return { ffmpeg: tools.version.text, encoding: `${videoArguments(job, encoderTimebase(job)).join(" ")} ${text}` };
}

/** The segment that is being written. */
interface Current {
  readonly feed: FrameFeed;
  readonly path: string;
  readonly first: Frame;
}

/**
 * Writes a video as segments with equal numbers of frames, each with its own ffmpeg process, and joins them at the end
 * with the copied streams. A segment is finished while the next one starts.
 */
export class VideoWriter implements FrameWriter {
  readonly finished: number;
  readonly #job: WriteJob;
  readonly #work: WorkFolder<readonly Segment[]>;
  #segments: readonly Segment[];
  #current: Current | undefined;
  #closing: Promise<void> = Promise.resolve();
  #count = 0;
  #first: Frame | undefined;
  #last: Frame | undefined;
  #step = rational(0);
  #times: DistinctTimes | undefined;
  #isFinished = false;

  private constructor(job: WriteJob, work: WorkFolder<readonly Segment[]>) {
    [this.#job, this.#work] = [job, work];
    this.#segments = work.taken?.done ?? [];
    this.finished = work.taken?.frames ?? 0;
  }

  /** Opens a writer for a job of {@linkcode planVideo}. */
  static async open(job: WriteJob): Promise<VideoWriter> {
    const { location, resumption } = job.options;
    const own = withFacts(resumption, () => videoFacts(job));
    const place = { location, folder: dirname(location), name: basename(location) };
    const work = await WorkFolder.open(place, own, SEGMENTS), finished = work.taken?.done ?? [];
    for await (const { name } of Deno.readDir(work.folder)) {
      if (!finished.some((segment) => segment.name === name)) await removeIfThere(join(work.folder, name));
    }
    return new VideoWriter(job, work);
  }

  /** Writes the next frame; resolves when the writer can accept more. */
  async write(given: Frame): Promise<void> {
    this.#times ??= new DistinctTimes({
      timebase: encoderTimebase(this.#job),
      container: this.#job.container,
      origin: this.#placement(given).origin,
    });
    const frame = this.#times.place(given);
    try {
      if (this.#count++ >= this.finished) await this.#feed(frame);
    } catch (error) {
      await this.abort();
      throw error;
    }
    this.#step = this.#last ? subtract(timeOf(frame), timeOf(this.#last)) : frame.timebase;
    this.#first ??= frame;
    this.#last = frame;
  }

  async #feed(frame: Frame): Promise<void> {
    if (this.#current?.feed.count === this.#job.segmentFrames) await this.#close(timeOf(frame), false);
    this.#current ??= this.#start(frame);
    await this.#current.feed.write(frame);
  }

  #start(first: Frame): Current {
    const job = this.#job, { options, tools, container } = job;
    const path = join(this.#work.folder, `${crypto.randomUUID()}.part`);
    const feed = new FrameFeed({
      ...options,
      ffmpeg: tools.ffmpeg,
      args: segmentArguments(job, path),
      timebase: encoderTimebase(job),
      // Milliseconds are rounded once, from the start of the video; finer timestamps start with the segment.
      origin: container.milliseconds ? this.#placement(first).origin : timeOf(first),
      rate: options.rate ?? options.copy?.source.info.video.rate,
      signal: options.signal,
    });
    return { feed, path, first };
  }

  #placement(frame: Frame): Placement {
    const { options: { copy }, streams } = this.#job;
    const others = streams.copies.map(({ stream }) => stream);
    return placeVideo(timeOf(this.#first ?? frame), encoderTimebase(this.#job), copy, others);
  }

  /** Starts to finish the current segment, after the previous one has finished. */
  async #close(until: Rational, isLast: boolean): Promise<void> {
    const current = this.#current!;
    await this.#closing;
    this.#current = undefined;
    this.#closing = this.#seal(current, until, isLast && this.#segments.length === 0);
    this.#closing.catch(() => {});
  }

  async #seal({ feed, path, first }: Current, until: Rational, isOnly: boolean): Promise<void> {
    const { container, encoder } = this.#job;
    await feed.end();
    if (container.rotation === "tag") await ensureLength(path, subtract(until, timeOf(first)));
    if (container.name === "mpegts") await padTransport(path);
    const start = container.milliseconds
      ? 1000 * Number(round(multiply(rational(1000n * feed.timestampOf(first)), encoderTimebase(this.#job))))
      : micros(subtract(timeOf(first), timeOf(this.#first ?? first)));
    const segment = await sealSegment(this.#job, path, { frames: feed.count, start, isOnly });
    if (!isOnly && segment.parameters !== (this.#segments[0] ?? segment).parameters) {
      throw new JobError(
        `encoder ${encoder.name}: cannot join its segments: their parameters differ; choose another \`encoder\``,
        { code: "program-failed", option: "encoder" },
      );
    }
    this.#segments = [...this.#segments, segment];
    await this.#work.commit(this.#segments);
  }

  /** Finishes the video and renames it to the target. */
  async finish(): Promise<void> {
    const { tools, container, options: { location, rate } } = this.#job, output = join(this.#work.folder, "video");
    if (!this.#first) {
      await this.abort();
      throw new JobError(`${location}: cannot write the video: it has no frames`, { code: "input-damaged" });
    }
    if (this.#current) await this.#close(this.#end(), true);
    await this.#closing;
    await this.#join(output);
    if (container.rotation === "tag") await ensureLength(output, subtract(this.#end(), timeOf(this.#first)));
    if (container.name === "mpegts") await padTransport(output);
    if (container.milliseconds && rate) await repairRate(tools, output, rate);
    this.#reportMoved();
    this.#isFinished = true;
    await renameToTarget(this.#job, output).finally(() => this.#removeWork(output));
  }

  /** Reports frames that are shown later because the container could not tell their timestamps apart. */
  #reportMoved(): void {
    const { container, options: { resumption } } = this.#job, { moved, longest } = this.#times!;
    if (moved === 0) return;
    const message =
      `${moved} frames are shown up to ${decimal(longest, 4)} s later: their timestamps are closer than ` +
      `${container.name} can store`;
    resumption?.onEvent({ type: "warning", message });
  }

  /** Removes the work folder, unless it contains a video that could not be moved. */
  async #removeWork(output: string): Promise<void> {
    if (!await Deno.stat(output).catch(() => undefined)) await this.#work.remove();
  }

  /** Returns the end of the last frame by its duration, the frame rate, or the duration of the previous frame. */
  #end(): Rational {
    const { rate } = this.#job.options, last = this.#last!;
    const shown = last.duration !== undefined
      ? multiply(rational(last.duration), last.timebase)
      : rate
      ? divide(rational(1), rate)
      : this.#step;
    return add(timeOf(last), shown);
  }

  /**
   * Joins the segments. If other streams cannot be copied, audio is encoded instead, since damaged audio can be decoded
   * in part. If that fails too, the video is kept and its path is reported.
   */
  async #join(output: string): Promise<void> {
    const job = this.#job,
      { folder } = this.#work,
      list = join(folder, "list"),
      { location, resumption } = job.options;
    await Deno.writeTextFile(list, segmentList(folder, this.#segments, job.container.milliseconds));
    const placement = lasting(this.#placement(this.#first!), this.#end());
    const files = {
      list,
      output,
      subtitles: await fitSubtitles(job, placement, join(folder, "subtitles")),
      covers: await extractAttachedPictures(job, folder),
      chapters: await fitChapters(job, placement, join(folder, "chapters")),
    };
    const failure = await this.#mux(job, placement, files);
    if (!failure) return;
    if (failure.isDisk) throw failure.error;
    const encoded = encodeAudio(job);
    if (encoded && !await this.#mux(encoded, placement, files)) {
      const message = `audio could not be copied and is encoded instead: ${failure.error.message}`;
      resumption?.onEvent({ type: "warning", message });
      return;
    }
    if (await this.#mux({ ...job, source: undefined }, placement, files)) throw failure.error;
    const kept = await keptPath(location);
    await Deno.rename(output, kept);
    throw new JobError(`${failure.error.message}; the video alone is kept as ${kept}`, { code: "write-failed" });
  }

  async #mux(job: WriteJob, placement: Placement, files: JoinFiles) {
    const { tools: { ffmpeg }, options: { location, signal } } = job;
    const exit = await runProcess(ffmpeg, joinArguments(job, placement, this.#segments, files), { signal });
    const isDisk = diskError(exit.errors) !== undefined;
    if (exit.code === 0 && !exit.signal && !isDisk) return undefined;
    await removeIfThere(files.output);
    return { isDisk, error: processError(ffmpeg, exit, `writing ${location}`) };
  }

  /** Stops and removes all files that a resumed run cannot use; does nothing after `finish`. */
  async abort(): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    await this.#current?.feed.kill();
    await this.#closing.catch(() => {});
    if (this.#current) await removeIfThere(this.#current.path);
    await this.#work.leave();
  }
}
