import { JobError, type MediaHandler, type MediaInfo } from "@slomo/core";
import { createToolkit, type Toolkit } from "@slomo/core/manifest";
import { type Rational, rational, toNumber } from "@slomo/core/time";
import {
  annotateContent,
  interpolate,
  type JobSummary,
  measurePair,
  type PairCost,
  prepareJob,
} from "@slomo/core/video";
import { isObjectLocation } from "@slomo/core/files";
import { beginFrames } from "./begin_frames.ts";
import { type ConversionParts, convertVideo, planVideo } from "./conversion.ts";
import { type FrameInput, OutputFrame, SourceFrame } from "./frames.ts";
import { openManifest } from "./manifest.ts";
import { holdModel, type ModelHolder } from "./model.ts";
import {
  type ConvertOptions,
  frameOptionsOf,
  type FramesOptions,
  rangeOf,
  rateOf,
  requestOf,
  type SegmentOptions,
  type SlomoOptions,
} from "./options.ts";
import { openReader } from "./open_reader.ts";
import { type ConversionEstimate, type ConversionPlan, planFacts } from "./plan_facts.ts";
import type { SegmentedConversion } from "./segmented_conversion.ts";
import type { Segments } from "./segments.ts";

/**
 * A model and the resources that it needs to interpolate videos and frames. {@linkcode openSlomo} opens one. Networks run in
 * workers, so the calling thread stays free.
 */
export class Slomo implements AsyncDisposable {
  readonly #toolkit: Toolkit;
  readonly #media: readonly MediaHandler[];
  readonly #options: SlomoOptions;
  readonly #model: ModelHolder;

  /** Takes ownership of the resources that {@linkcode openSlomo} opened. */
  constructor(toolkit: Toolkit, media: readonly MediaHandler[], options: SlomoOptions) {
    this.#toolkit = toolkit;
    this.#media = media;
    this.#options = options;
    this.#model = holdModel(toolkit, options);
  }

  /** The parts of the manifest. */
  get toolkit(): Toolkit {
    return this.#toolkit;
  }

  /** Media handlers in the manifest's order. */
  get media(): readonly MediaHandler[] {
    return this.#media;
  }

  /** Rejects with the error of opening the model if that failed: then all other videos would fail too. */
  async checkModel(): Promise<void> {
    await this.#model.opened();
  }

  /**
   * Interpolates a video from file to file, with exact timestamps, color, audio, subtitles and chapters. The output
   * gets its name when it is complete.
   *
   * @param input Video file, folder of images, or pattern such as `in/%05d.png`; or a video in a storage: `s3://BUCKET/KEY`.
   * @param output File (mp4, mkv, webm, mov, ts, gif), folder, or pattern; or a file in a storage.
   * @returns Numbers of frames read, written and interpolated, of scene cuts and of duplicates.
   * @throws {UsageError} If source, target and options do not allow it.
   * @throws {JobError} If reading, computing or writing fails.
   */
  async convert(input: string, output: string, options: ConvertOptions = {}): Promise<JobSummary> {
    return await convertVideo(this.#parts, input, output, options);
  }

  /**
   * Opens a conversion in segments, which other processes or machines may make. Its folder is shared by all of them. Input and
   * output may be objects in a storage: `s3://BUCKET/KEY`; the environment names its address and credentials.
   *
   * @param options Those of {@linkcode convert}, the same in all processes; and the folder, by default OUTPUT.segments.
   * @throws {UsageError} If source, target and options do not allow it.
   *
   * @example
   * ```ts
   * import { openSlomo } from "@slomo/slomo";
   *
   * async function inSegments(input: string, output: string) {
   *   await using slomo = await openSlomo();
   *   await using video = await slomo.segments(input, output, { factor: 4 });
   *   const { segments } = await video.plan();
   *   for (let index = 0; index < segments; index++) await video.make(index);
   *   await video.join();
   * }
   * ```
   */
  async segments(input: string, output: string, options: SegmentOptions = {}): Promise<SegmentedConversion> {
    const { folder = `${output}.segments`, overwrite = false, signal } = options;
    if (![input, output, folder].some(isObjectLocation)) return await this.#segments(input, output, options);
    const { openObjectSegments } = await import("./object_segments.ts");
    return await openObjectSegments(
      { input, output, folder, overwrite, signal },
      (input, output, more) => this.#segments(input, output, { ...options, ...more }),
    );
  }

  async #segments(input: string, output: string, options: SegmentOptions): Promise<Segments> {
    const { readPlan } = await import("./segment_plan.ts"), segments = await import("./segments.ts");
    const { folder = `${output}.segments`, overwrite = false, flowOut, signal } = options;
    // An existing output was checked when the plan was made.
    const isPlanned = await readPlan(folder) !== undefined;
    const request = await requestOf(input, output, { ...options, overwrite: overwrite || isPlanned });
    const job = await prepareJob(request, this.#media, signal);
    const { flowScale, precision, onNote } = this.#options;
    return new segments.Segments({
      ...{ job, folder, overwrite, manifest: this.#toolkit.manifest, settings: { flowScale, precision, flowOut } },
      openModel: ({ video }, signal) => this.#model.open(video, (message) => onNote?.(message), signal),
    });
  }

  /**
   * Plans a conversion. Reads the whole source and measures one frame pair; writes nothing.
   *
   * @throws {UsageError} If source, target and options do not allow it.
   */
  async plan(input: string, output: string, options: ConvertOptions = {}): Promise<ConversionPlan> {
    return await planVideo(this.#parts, input, output, options);
  }

  /**
   * Plans a conversion from the header of the source, in a fraction of a second: checks source, target and options as
   * {@linkcode plan} does, and estimates the number of frames. Reads no frames, opens no model, and writes nothing.
   *
   * @throws {UsageError} If source, target and options do not allow it.
   */
  async estimate(input: string, output: string, options: ConvertOptions = {}): Promise<ConversionEstimate> {
    await using job = await prepareJob(await requestOf(input, output, options), this.#media, options.signal);
    return planFacts(job);
  }

  /**
   * Measures the cost of interpolation on this machine, with the first two frames of a source.
   *
   * @returns Seconds per frame pair and per interpolated frame.
   * @throws {JobError} If the source has only one frame.
   */
  async measure(input: string, options: Pick<FramesOptions, "deinterlace" | "signal"> = {}): Promise<PairCost> {
    let first: SourceFrame | undefined;
    for await (const frame of this.scan(input, { ...options, cuts: false, duplicates: "keep" })) {
      if (first) {
        const note = (message: string) => this.#options.onNote?.(message);
        const { engine } = await this.#model.open(frame.image, note, options.signal);
        return await measurePair(engine, { first: first.image, second: frame.image }, options.signal);
      }
      first = frame;
    }
    throw new JobError(`${input}: cannot measure interpolation: it has only one frame`);
  }

  /**
   * Describes a source from its header: container, streams, size, rate, color.
   *
   * @throws {UsageError} If the source cannot be read.
   */
  async info(input: string, options: Pick<FramesOptions, "deinterlace" | "signal"> = {}): Promise<MediaInfo> {
    const reader = await openReader(this.#media, input, options);
    await reader.close();
    return reader.info;
  }

  /**
   * Reads the source frames without interpolating, with scene cuts and duplicate frames. The detectors look two frames ahead;
   * `cuts: false` and `duplicates: "keep"` turn them off.
   *
   * @param input Video file, folder of images, or pattern such as `in/%05d.png`.
   * @throws {UsageError} If the source cannot be read.
   *
   * @example
   * ```ts
   * import { openSlomo } from "@slomo/slomo";
   *
   * async function cutTimes(location: string): Promise<number[]> {
   *   await using slomo = await openSlomo();
   *   const times: number[] = [];
   *   for await (const frame of slomo.scan(location)) if (frame.isCut) times.push(frame.time);
   *   return times;
   * }
   * ```
   */
  async *scan(
    input: string,
    options: Pick<FramesOptions, "start" | "end" | "cuts" | "duplicates" | "deinterlace" | "signal" | "onWarning"> = {},
  ): AsyncGenerator<SourceFrame> {
    const { signal, onWarning } = options, range = rangeOf(options);
    await using stack = new AsyncDisposableStack();
    const reader = stack.adopt(await openReader(this.#media, input, options), (reader) => reader.close());
    const frames = reader.frames({ ...range, signal, onWarning });
    for await (const frame of annotateContent(frames, options)) yield new SourceFrame(frame);
  }

  /**
   * Interpolates frames one after another, for programs that draw, analyze or encode them.
   *
   * @param source Location of a video or of images, or frames of the caller: objects with `width`, `height` and RGBA
   * `data`, such as `ImageData`, and a `time` in seconds if they are not evenly spaced.
   * @returns Source and interpolated frames in order, each with its exact time.
   * @throws {UsageError} If the source cannot be read, or frames differ in size.
   *
   * @example
   * ```ts
   * import { openSlomo } from "@slomo/slomo";
   * import assert from "node:assert/strict";
   *
   * await using slomo = await openSlomo({ model: "small", backend: "wasm" });
   * const square = (x: number) => new ImageData(new Uint8ClampedArray(4 * 64 * 64).fill(x), 64, 64);
   * const times: number[] = [];
   * for await (const frame of slomo.frames([square(50), square(60)], { factor: 2, cuts: false })) {
   *   times.push(frame.time);
   *   assert.equal(frame.toRgba().width, 64);
   * }
   * assert.deepEqual(times, [0, 0.02, 0.04, 0.06]);
   * ```
   */
  async *frames(
    source: string | URL | Iterable<FrameInput> | AsyncIterable<FrameInput>,
    options: FramesOptions = {},
  ): AsyncGenerator<OutputFrame> {
    const chosen = await frameOptionsOf(options), { signal, onWarning, details } = options;
    await using stack = new AsyncDisposableStack();
    const isLocation = typeof source === "string" || source instanceof URL;
    const reader = isLocation ? await openReader(this.#media, source.toString(), options) : undefined;
    if (reader) stack.adopt(reader, (reader) => reader.close());
    const given = reader ?? source as Iterable<FrameInput>, fps = this.#inputFps;
    const begun = await beginFrames(given, { ...rangeOf(options), fps, signal, onWarning });
    if (!begun) return;
    stack.defer(begun.close);
    const note = (message: string) => this.#options.onNote?.(message);
    const { engine } = await this.#model.open(begun.first.image, note, signal);
    const { frames, origin, rate } = begun;
    const sampling = chosen.sampling.kind === "curve"
      ? { ...chosen.sampling, fps: chosen.sampling.fps ?? rate }
      : chosen.sampling;
    const slowdown = options.slowMotion && sampling.kind === "factor" ? sampling.factor : rational(1);
    const more = { origin, slowdown, engine, details, signal, onWarning };
    for await (const frame of interpolate(frames, { ...chosen, sampling, ...more })) yield new OutputFrame(frame);
  }

  /** Frees the model, its workers and the media handlers. */
  async close(): Promise<void> {
    await this.#model.close();
    await Promise.all(this.#media.map((handler) => handler.close?.()));
  }

  /** Same as {@linkcode close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #parts(): ConversionParts {
    const { manifest } = this.#toolkit;
    return { manifest, media: this.#media, options: this.#options, model: this.#model };
  }

  get #inputFps(): Rational {
    return rateOf(this.#options.inputFps ?? 25);
  }
}

/**
 * Opens slomo as a library: loads the manifest and its plugins. The model is opened when the first frames need it.
 *
 * @param options The model, the backend and the device; the shipped model on the fastest backend by default.
 * @throws {UsageError} If the manifest or an option is wrong.
 *
 * @example Slow a video down by a factor of four
 * ```ts
 * import { openSlomo } from "@slomo/slomo";
 *
 * async function slowDown(input: string, output: string) {
 *   await using slomo = await openSlomo();
 *   await slomo.convert(input, output, { factor: 4, slowMotion: true });
 * }
 * ```
 */
export async function openSlomo(options: SlomoOptions = {}): Promise<Slomo> {
  const toolkit = await createToolkit(await openManifest(options, options.onNote)), { ffmpeg, inputFps } = options;
  const media = await toolkit.media({
    ffmpeg: { ffmpeg },
    images: { ffmpeg, ...inputFps !== undefined && { rate: toNumber(rateOf(inputFps)) } },
  });
  return new Slomo(toolkit, media, options);
}
