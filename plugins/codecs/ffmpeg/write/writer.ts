import { type Frame, type FrameWriter, JobError } from "@slomo/core";
import { basename, dirname, join } from "@std/path";
import { withFacts, WorkFolder } from "../../work_folder.ts";
import { encoderTimebase, videoArguments } from "./command.ts";
import { timeOf } from "./distinct_times.ts";
import { joinVideo } from "./join_video.ts";
import type { Rational } from "@slomo/core/time";
import { type Segment, SEGMENTS } from "./segment.ts";
import type { Process } from "../process.ts";
import { checkJoinable, SegmentWriter, startEncoder } from "./segment_writer.ts";
import { checkTarget, keptPath, removeIfThere } from "./target.ts";
import { placementOf, VideoTimes } from "./video_times.ts";
import type { WriteJob } from "./write_job.ts";

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
export function videoFacts(job: WriteJob): Record<string, string> {
  const { tools, container, segmentFrames, options: { image, sampleAspect, rate } } = job;
  const facts = { image, sampleAspect, rate, container: container.name, segmentFrames };
  const text = JSON.stringify(facts, (_, value) => typeof value === "bigint" ? `${value}` : value);
  return { ffmpeg: tools.version.text, encoding: `${videoArguments(job, encoderTimebase(job)).join(" ")} ${text}` };
}

/** An encoder that was started before its first frame. */
interface PreparedEncoder {
  readonly path: string;
  readonly process: Process;
}

/**
 * Writes a video as segments with equal numbers of frames, each with its own ffmpeg process, and joins them at the end
 * with the copied streams. A segment is finished while the next one starts.
 */
export class VideoWriter implements FrameWriter {
  readonly finished: number;
  readonly #job: WriteJob;
  readonly #work: WorkFolder<readonly Segment[]>;
  readonly #times: VideoTimes;
  #segments: readonly Segment[];
  #prepared: PreparedEncoder | undefined;
  #current: SegmentWriter | undefined;
  #closing: Promise<void> = Promise.resolve();
  #count = 0;
  #isFinished = false;

  private constructor(job: WriteJob, work: WorkFolder<readonly Segment[]>) {
    [this.#job, this.#work, this.#times] = [job, work, new VideoTimes(job)];
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
    const writer = new VideoWriter(job, work);
    if (writer.finished === 0) writer.#prepare();
    return writer;
  }

  #newPath(): string {
    return join(this.#work.folder, `${crypto.randomUUID()}.part`);
  }

  /** Starts the encoder of the first segment while its first frames are computed. */
  #prepare(): void {
    const path = this.#newPath();
    try {
      this.#prepared = { path, process: startEncoder(this.#job, path) };
    } catch {
      // It is started again for the first frame, and the error reported then.
    }
  }

  /** Ends the encoder of a segment that was not begun. */
  async #endPrepared(): Promise<void> {
    if (!this.#prepared) return;
    await this.#prepared.process.kill();
    await removeIfThere(this.#prepared.path);
    this.#prepared = undefined;
  }

  /** Writes the next frame; resolves when the writer can accept more. */
  async write(given: Frame): Promise<void> {
    const frame = this.#times.place(given);
    try {
      if (this.#count++ >= this.finished) await this.#feed(frame);
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async #feed(frame: Frame): Promise<void> {
    if (this.#current?.count === this.#job.segmentFrames) await this.#close(timeOf(frame), false);
    this.#current ??= this.#start(frame);
    await this.#current.write(frame);
  }

  #start(frame: Frame): SegmentWriter {
    const { path = this.#newPath(), process } = this.#prepared ?? {}, { first } = this.#times.span();
    this.#prepared = undefined;
    return new SegmentWriter(this.#job, path, frame, placementOf(this.#job, first), process);
  }

  /** Starts to finish the current segment, after the previous one has finished. */
  async #close(until: Rational, isLast: boolean): Promise<void> {
    const current = this.#current!;
    await this.#closing;
    this.#current = undefined;
    this.#closing = this.#seal(current, until, isLast && this.#segments.length === 0);
    this.#closing.catch(() => {});
  }

  async #seal(current: SegmentWriter, until: Rational, isOnly: boolean): Promise<void> {
    const segments = [...this.#segments, await current.seal(until, isOnly)];
    checkJoinable(this.#job, segments);
    this.#segments = segments;
    await this.#work.commit(segments);
  }

  /** Finishes the video and renames it to the target. */
  async finish(): Promise<void> {
    const { location, resumption } = this.#job.options, { folder } = this.#work;
    if (this.#times.isEmpty) {
      await this.abort();
      throw new JobError(`${location}: cannot write the video: it has no frames`, { code: "input-damaged" });
    }
    const span = this.#times.span(), onWarning = (message: string) => resumption?.onEvent({ type: "warning", message });
    if (this.#current) await this.#close(span.end, true);
    await this.#closing;
    const place = { folder, list: join(folder, "list"), work: folder };
    const output = await joinVideo(this.#job, this.#segments, span, place, onWarning);
    const moved = this.#times.warning();
    if (moved !== undefined) onWarning(moved);
    this.#isFinished = true;
    await renameToTarget(this.#job, output).finally(() => this.#removeWork(output));
  }

  /** Removes the work folder, unless it contains a video that could not be moved. */
  async #removeWork(output: string): Promise<void> {
    if (!await Deno.stat(output).catch(() => undefined)) await this.#work.remove();
  }

  /** Stops and removes all files that a resumed run cannot use; does nothing after `finish`. */
  async abort(): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    await this.#endPrepared();
    await this.#current?.kill();
    await this.#closing.catch(() => {});
    await this.#current?.discard();
    await this.#work.leave();
  }
}
