import type { MediaHandler, MediaInfo, MediaReader, MediaSink, MediaSource } from "../contracts/media.ts";
import type { WriteOptions, WritePlan } from "../contracts/media.ts";
import { UsageError } from "../errors.ts";
import {
  add,
  ceil,
  compare,
  divide,
  format,
  multiply,
  type Rational,
  rational,
  round,
  subtract,
  toNumber,
} from "../time/rational.ts";
import { checkShutter, type FrameOptions } from "./interpolate.ts";
import { regularTimebase } from "./regular_timestamps.ts";
import { outputTimebase, type Sampling } from "./timeline.ts";

/** Options of a job: its source, its target, and the frames to produce. */
export interface JobOptions {
  /** Location of the source. */
  readonly input: string;
  /** Location of the target. */
  readonly output: string;
  /** Which frames to produce. */
  readonly frames: FrameOptions;
  /** Whether the rate stays the same and the video becomes longer: sets `frames.slowdown`. @default {false} */
  readonly slowMotion?: boolean | undefined;
  /** Audio: copied, stretched with the video, or left out. @default {"stretch" in slow motion, "keep" otherwise} */
  readonly audio?: "keep" | "stretch" | "drop" | undefined;
  /** Start of the part to process, in seconds from the first frame. */
  readonly start?: Rational | undefined;
  /** End of the part to process, in seconds from the first frame. */
  readonly end?: Rational | undefined;
  /** Whether to deinterlace an interlaced source, or to undo its telecine. @default {false} */
  readonly deinterlace?: boolean | undefined;
  /** Whether to replace an existing target. @default {false} */
  readonly overwrite?: boolean | undefined;
  /** Encoder by the media handler's name for it. */
  readonly encoder?: string | undefined;
  /** Constant rate factor. */
  readonly crf?: number | undefined;
  /** Pixel format of the target by the media handler's name for it. */
  readonly pixelFormat?: string | undefined;
}

/** A job whose source is open and whose target was tested. Dispose it when it is no longer needed. */
export interface PreparedJob extends AsyncDisposable {
  /** The options as given. */
  readonly options: JobOptions;
  /** The open source. */
  readonly source: MediaReader;
  /** Describes the source. */
  readonly info: MediaInfo;
  /** The options that the sink planned with. */
  readonly write: WriteOptions;
  /** The sink's plan. */
  readonly plan: WritePlan;
  /** Which frames to produce, within the target's limits. */
  readonly frames: FrameOptions & { readonly slowdown: Rational };
  /** Estimated number of source frames, if the header has it. */
  readonly sourceFrames: number | undefined;
  /** Estimated number of output frames. */
  readonly expectedFrames: number | undefined;
  /** Remarks for the user before work starts. */
  readonly notes: readonly string[];
}

const ONE = rational(1);

async function findSource(media: readonly MediaHandler[], location: string): Promise<MediaSource> {
  for (const { source } of media) if (source && await source.accepts(location)) return source;
  throw new UsageError(
    `no media handler of the manifest reads ${location}; give a video file, a folder of images, or a pattern such as ` +
      "in/%05d.png",
    { code: "unknown-format" },
  );
}

async function findSink(media: readonly MediaHandler[], location: string): Promise<MediaSink> {
  for (const { sink } of media) if (sink && await sink.accepts(location)) return sink;
  throw new UsageError(
    `no media handler of the manifest writes ${location}; give a file that ends in mp4, mkv, webm, mov or gif, a folder, ` +
      "or a pattern such as out/%05d.png",
    { code: "unknown-format" },
  );
}

type CurveSampling = Extract<Sampling, { kind: "curve" }>;

/** Time in seconds by which a named time may be after the end of the source, whose length is often rounded. */
const END_TOLERANCE = rational(1, 10);

function checkCurve(
  { curve, fps }: CurveSampling,
  options: JobOptions,
  { location, video, streams }: MediaInfo,
): Sampling {
  const { slowMotion, start, end, audio, frames: { loop } } = options, { named, runs, over } = curve;
  const option = named?.option ?? "retime";
  if (slowMotion) {
    throw new UsageError(`\`${option}\` sets the speed itself, so it cannot be combined with \`slowMotion\``, {
      option,
    });
  }
  if (named && video.duration && compare(named.time, add(video.duration, END_TOLERANCE)) > 0) {
    throw new UsageError(
      `\`${option}\`: ${named.text} is beyond the end of ${location}, which lasts ${toNumber(video.duration)} s`,
      { option },
    );
  }
  if (over === "output" && (start || end || loop)) {
    throw new UsageError(
      `\`retime\` chooses the parts of the source itself, so it cannot be combined with ` +
        `${loop ? "`loop`" : "`start` and `end`"}; give keyframes of \`speed\` instead`,
      { option },
    );
  }
  const isReversed = runs.some(({ direction }) => direction < 0),
    hasAudio = streams.some(({ kind }) => kind === "audio");
  if (isReversed && hasAudio && (audio ?? "stretch") === "stretch") {
    throw new UsageError(
      `${location}: cannot play its audio backward; set \`audio\` to "keep" for silence there, or to "drop"`,
      { option: "audio" },
    );
  }
  return { kind: "curve", curve, fps: fps ?? video.rate };
}

function checkSampling(options: JobOptions, info: MediaInfo): Sampling {
  const { frames: { sampling }, slowMotion } = options, { location, video } = info;
  if (sampling.kind === "curve") return checkCurve(sampling, options, info);
  if (sampling.kind === "factor" || !slowMotion) return sampling;
  if (compare(sampling.fps, video.rate) < 0) {
    throw new UsageError(
      `\`fps\` ${format(sampling.fps)} is below the rate of ${location}, ${format(video.rate)} frames per second, so ` +
        "`slowMotion` would be faster; give a higher rate, or leave `slowMotion` out",
      { option: "fps" },
    );
  }
  if (!video.constantRate) {
    throw new UsageError(
      `${location} has a variable frame rate, so \`fps\` is undefined with \`slowMotion\`; give \`factor\` instead`,
      { option: "fps" },
    );
  }
  // The factor with which the video, at its own rate, lasts as if it had been shot at `fps`.
  return { kind: "factor", factor: divide(sampling.fps, video.rate) };
}

/** Returns the rate of the output: the exact one, or the estimated mean of a variable one. */
function outputRate({ video }: MediaInfo, sampling: Sampling, slowdown: Rational) {
  if (sampling.kind !== "factor") return { rate: divide(sampling.fps!, slowdown) };
  const rate = divide(multiply(video.rate, sampling.factor), slowdown);
  return video.constantRate ? { rate } : { meanRate: rate };
}

/** Returns the part of the source that a job uses, and the curve of its other streams. */
function copiedPart({ start, end }: JobOptions, { video: { duration } }: MediaInfo, sampling: Sampling) {
  if (sampling.kind !== "curve") return { start, end };
  const { curve } = sampling, retime = curve.map(duration);
  const begin = retime.points[0]!.source, last = curve.length && retime.points.at(-1)!.source;
  if (curve.over === "output") return { start: begin.num > 0n ? begin : undefined, end: last, retime };
  return { start, end: last && (!end || compare(last, end) < 0) ? last : end, retime };
}

/** Returns the duration in seconds of the part of a source that is processed, or `undefined` if the header has no duration. */
export function partDuration(
  { start, end }: Pick<JobOptions, "start" | "end">,
  { video: { duration } }: MediaInfo,
): Rational | undefined {
  const last = end && duration ? (compare(end, duration) < 0 ? end : duration) : end ?? duration;
  return last && start ? subtract(last, start) : last;
}

function countSourceFrames(options: JobOptions, info: MediaInfo): number | undefined {
  const { start = rational(0), end } = options, { frames, rate, duration } = info.video;
  if (!options.start && !end && frames !== undefined) return frames;
  const all = frames ?? (duration && Number(round(multiply(duration, rate))));
  const upTo = end ? Math.min(Number(ceil(multiply(end, rate))), all ?? Infinity) : all;
  return upTo === undefined ? undefined : Math.max(0, upTo - Number(ceil(multiply(start, rate))));
}

function countOutputFrames(
  sourceFrames: number | undefined,
  { sampling, plan, options, info }: { sampling: Sampling; plan: WritePlan; options: JobOptions; info: MediaInfo },
): number | undefined {
  if (sourceFrames === undefined) return undefined;
  const holdsLast = plan.holdsLast || options.frames.loop === true;
  if (sampling.kind === "factor") {
    const factor = toNumber(sampling.factor);
    return holdsLast ? Math.round(sourceFrames * factor) : Math.ceil((sourceFrames - 1) * factor) + 1;
  }
  const seconds = sampling.kind === "curve" ? curveDuration(sampling, options, info) : partDuration(options, info);
  return seconds && Number(round(multiply(seconds, sampling.fps!)));
}

/** Returns the duration in seconds of the output that follows a curve. */
function curveDuration({ curve }: CurveSampling, { start, end }: JobOptions, { video: { duration } }: MediaInfo) {
  if (curve.over === "output" && curve.length) return curve.length;
  const last = end && duration && compare(end, duration) > 0 ? duration : end ?? duration;
  if (!last) return undefined;
  const to = curve.reach(last), from = start ? curve.reach(start) : rational(0);
  return subtract(to, from);
}

function checkPart({ start, end, input }: JobOptions, { video: { duration } }: MediaInfo): void {
  if (start && end && compare(start, end) >= 0) {
    throw new UsageError(`\`start\` ${toNumber(start)} s must be before \`end\` ${toNumber(end)} s`, {
      code: "empty-range",
      option: "start",
    });
  }
  if (start && duration && compare(start, duration) >= 0) {
    throw new UsageError(
      `\`start\` ${toNumber(start)} s is after the end of ${input}, which lasts ${toNumber(duration)} s`,
      { code: "empty-range", option: "start" },
    );
  }
}

function deinterlaceNote({ location, video: { deinterlaced, rate } }: MediaInfo): string {
  if (deinterlaced === undefined) return `${location} is not interlaced: \`deinterlace\` has no effect`;
  if (deinterlaced.into === "film") {
    return "the telecine is undone: the frames of the film are restored, and one in five is a duplicate";
  }
  return `each field becomes a frame: ${format(rate)} frames per second, which \`factor\` multiplies`;
}

/**
 * Opens the source, computes times and rates, and tests the target on a few frames. Nothing is computed or written.
 *
 * @param media Media handlers; the first that accepts a location is used for it.
 * @param signal Stops the preparation.
 * @param onSource Called once the source is open, before the target is tested: what needs the size of the frames can begin.
 * @returns The job; the caller disposes it.
 * @throws {UsageError} If the source or the target does not support the request.
 */
export async function prepareJob(
  options: JobOptions,
  media: readonly MediaHandler[],
  signal?: AbortSignal,
  onSource?: (info: MediaInfo) => void,
): Promise<PreparedJob> {
  const opened = await findSource(media, options.input), sink = await findSink(media, options.output);
  const source = await opened.open(options.input, { deinterlace: options.deinterlace, signal });
  try {
    onSource?.(source.info);
    return await planJob(options, source, sink, signal);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function planJob(
  options: JobOptions,
  source: MediaReader,
  sink: MediaSink,
  signal: AbortSignal | undefined,
): Promise<PreparedJob> {
  const { info } = source, { video } = info;
  checkPart(options, info);
  const notes = [...info.notes];
  if (options.deinterlace) notes.push(deinterlaceNote(info));
  let sampling = checkSampling(options, info);
  checkShutter({ ...options.frames, sampling });
  const slowdown = options.slowMotion && sampling.kind === "factor" ? sampling.factor : options.frames.slowdown ?? ONE;
  const isSlow = slowdown.num !== slowdown.den, isCurve = sampling.kind === "curve";
  const audio = options.audio ?? (isSlow || isCurve ? "stretch" : "keep");
  if (isSlow && audio === "keep") notes.push("the audio keeps its speed and ends before the video");
  const part = copiedPart(options, info, sampling);

  const writeAt = (sampling: Sampling): WriteOptions => ({
    location: options.output,
    image: { width: video.width, height: video.height, format: video.format, color: video.color },
    timebase: outputTimebase(regularTimebase(video), sampling, slowdown),
    ...outputRate(info, sampling, slowdown),
    sampleAspect: video.sampleAspect,
    rotation: video.rotation,
    overwrite: options.overwrite ?? false,
    encoder: options.encoder,
    crf: options.crf,
    pixelFormat: options.pixelFormat,
    copy: { source, ...part, audio, slowdown },
    signal,
  });
  let write = writeAt(sampling), plan = await sink.plan(write);
  const rate = write.rate ?? write.meanRate;
  if (plan.maxRate && rate && compare(rate, plan.maxRate) > 0 && !isSlow) {
    notes.push(
      `${plan.container} holds at most ${
        format(plan.maxRate)
      } frames per second: the output has that rate instead of ` +
        format(rate),
    );
    sampling = sampling.kind === "curve" ? { ...sampling, fps: plan.maxRate } : { kind: "fps", fps: plan.maxRate };
    write = writeAt(sampling);
    plan = await sink.plan(write);
  }
  const sourceFrames = countSourceFrames(options, info);
  return {
    options,
    source,
    info,
    write,
    plan,
    frames: { ...options.frames, sampling, slowdown },
    sourceFrames,
    expectedFrames: countOutputFrames(sourceFrames, { sampling, plan, options, info }),
    notes: [...notes, ...plan.notes],
    [Symbol.asyncDispose]: () => source.close(),
  };
}
