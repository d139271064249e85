import { divide, format, multiply, type Rational, rational, round, subtract } from "@slomo/core/time";
import { type Frame, type Image, JobError } from "@slomo/core";
import { bytesOfImage } from "../image_bytes.ts";
import { fourcc } from "../pixel_formats.ts";
import { NutWriter } from "../nut/writer.ts";
import { diskError, type Process, processError } from "../process.ts";

/** Options of a {@linkcode FrameFeed}. */
export interface FeedOptions {
  /** ffmpeg, which reads NUT from its input. */
  readonly process: Process;
  /** Size, layout and color of the frames. */
  readonly image: Omit<Image, "planes">;
  /** Time base of the output timestamps. */
  readonly timebase: Rational;
  /** Subtracted from every timestamp, in seconds. */
  readonly origin: Rational;
  /** Frame rate in frames per second, if it is constant. */
  readonly rate: Rational | undefined;
  /** Sample aspect ratio. */
  readonly sampleAspect: Rational;
  /** Path of the target, for messages. */
  readonly location: string;
  /** Kills the process, and is not an error of it. */
  readonly signal: AbortSignal | undefined;
}

/** Pipes frames to ffmpeg, with backpressure. */
export class FrameFeed {
  readonly #nut: NutWriter;
  readonly #options: FeedOptions;
  #count = 0;
  #last = -1n;

  /** Creates a feed for a process that has been started. */
  constructor(options: FeedOptions) {
    const { process, image, timebase, rate, sampleAspect } = options;
    this.#options = options;
    this.#nut = new NutWriter((bytes) => process.write(bytes), {
      ...timebase,
      width: image.width,
      height: image.height,
      sampleWidth: Number(sampleAspect.num),
      sampleHeight: Number(sampleAspect.den),
      fourcc: fourcc(image.format),
      rate: rate && `${rate.num}/${rate.den}`,
    });
  }

  /** Number of frames written so far. */
  get count(): number {
    return this.#count;
  }

  /** Returns the output timestamp of a frame, in `timebase`. */
  timestampOf({ pts, timebase }: Frame): bigint {
    const seconds = subtract(multiply(rational(pts), timebase), this.#options.origin);
    return round(divide(seconds, this.#options.timebase));
  }

  /**
   * Writes the next frame.
   *
   * @throws {JobError} If ffmpeg has ended, or the timestamp is not above the previous one.
   * @throws {RangeError} If the size or layout of the frame differs from `image`.
   */
  async write(frame: Frame): Promise<void> {
    const { image } = this.#options, { width, height, format: layout } = frame.image;
    if (width !== image.width || height !== image.height || JSON.stringify(layout) !== JSON.stringify(image.format)) {
      throw new RangeError(
        `ffmpeg: frame ${this.#count} is ${width}×${height}, which differs in size or layout from the plan`,
      );
    }
    const timestamp = this.timestampOf(frame);
    if (timestamp <= this.#last) {
      const seconds = format(multiply(rational(frame.pts), frame.timebase));
      throw new JobError(
        `${this.#options.location}: frame ${this.#count} at ${seconds} s is not after the previous frame`,
      );
    }
    try {
      if (this.#count === 0) await this.#nut.start();
      await this.#nut.frame(timestamp, bytesOfImage(frame.image));
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (!(error instanceof JobError)) throw error;
      throw await this.#failure();
    }
    this.#last = timestamp;
    this.#count++;
  }

  /**
   * Ends the input and waits until the file is written.
   *
   * @throws {JobError} If ffmpeg failed.
   */
  async end(): Promise<void> {
    const { process, signal } = this.#options;
    await process.closeInput();
    const exit = await process.exit;
    // Closes its unused output.
    await process.kill();
    signal?.throwIfAborted();
    if (exit.code !== 0 || exit.signal || diskError(exit.errors)) throw await this.#failure();
  }

  /** Kills ffmpeg and waits until it has ended. */
  async kill(): Promise<void> {
    await this.#options.process.kill();
  }

  async #failure(): Promise<JobError> {
    const { process, location } = this.#options;
    return processError(process.program, await process.exit, `writing ${location} after frame ${this.#count}`);
  }
}
