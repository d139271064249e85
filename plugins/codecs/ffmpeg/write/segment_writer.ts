import { multiply, type Rational, rational, round, subtract } from "@slomo/core/time";
import { type Frame, JobError } from "@slomo/core";
import { encoderTimebase, segmentArguments } from "./command.ts";
import { timeOf } from "./distinct_times.ts";
import { FrameFeed } from "./feed.ts";
import { type Process, startProcess } from "../process.ts";
import { ensureLength } from "./mp4_length.ts";
import { padTransport } from "./pad_transport.ts";
import type { Placement } from "./placement.ts";
import { micros, sealSegment, type Segment } from "./segment.ts";
import { removeIfThere } from "./target.ts";
import type { WriteJob } from "./write_job.ts";

/**
 * Starts the encoder of a segment.
 *
 * @throws {JobError} If it cannot be started.
 */
export function startEncoder(job: WriteJob, path: string): Process {
  const { tools: { ffmpeg }, options: { signal } } = job;
  return startProcess(ffmpeg, segmentArguments(job, path), { input: true, signal });
}

/** Encodes one segment of a video with its own ffmpeg process. */
export class SegmentWriter {
  readonly #job: WriteJob;
  readonly #placement: Placement;
  readonly #path: string;
  readonly #first: Frame;
  readonly #feed: FrameFeed;

  /**
   * Begins a segment. `first` is written with {@linkcode write}, too.
   *
   * @param first First frame of the segment.
   * @param placement Mapping of the video's timestamps.
   * @param process The encoder. @default {it is started}
   */
  constructor(job: WriteJob, path: string, first: Frame, placement: Placement, process = startEncoder(job, path)) {
    const { options, container } = job;
    [this.#job, this.#placement, this.#path, this.#first] = [job, placement, path, first];
    this.#feed = new FrameFeed({
      ...options,
      process,
      timebase: encoderTimebase(job),
      // Milliseconds are rounded once, from the start of the video; finer timestamps start with the segment.
      origin: container.milliseconds ? placement.origin : timeOf(first),
      rate: options.rate ?? options.copy?.source.info.video.rate,
      signal: options.signal,
    });
  }

  /** Number of frames written so far. */
  get count(): number {
    return this.#feed.count;
  }

  /** Writes the next frame. */
  async write(frame: Frame): Promise<void> {
    await this.#feed.write(frame);
  }

  /**
   * Completes the file and syncs it to the disk.
   *
   * @param until Time of the first frame after the segment, or end of the video.
   * @param isOnly Whether the video has no other segment.
   * @throws {JobError} If the encoder failed.
   */
  async seal(until: Rational, isOnly: boolean): Promise<Segment> {
    const { container } = this.#job, begin = timeOf(this.#first);
    await this.#feed.end();
    if (container.rotation === "tag") await ensureLength(this.#path, subtract(until, begin));
    if (container.name === "mpegts") await padTransport(this.#path);
    const start = container.milliseconds
      ? 1000 *
        Number(round(multiply(rational(1000n * this.#feed.timestampOf(this.#first)), encoderTimebase(this.#job))))
      : micros(subtract(begin, this.#placement.first));
    return await sealSegment(this.#job, this.#path, { frames: this.count, start, isOnly });
  }

  /** Stops the encoder. */
  async kill(): Promise<void> {
    await this.#feed.kill();
  }

  /** Stops the encoder and removes the file. */
  async discard(): Promise<void> {
    await this.kill();
    await removeIfThere(this.#path);
  }
}

/** @throws {JobError} If segments differ in their decoder configuration, so that they cannot be joined. */
export function checkJoinable({ encoder }: WriteJob, segments: readonly Segment[]): void {
  if (segments.every(({ parameters }) => parameters === segments[0]!.parameters)) return;
  throw new JobError(
    `encoder ${encoder.name}: cannot join its segments: their parameters differ; choose another \`encoder\``,
    { code: "program-failed", option: "encoder" },
  );
}
