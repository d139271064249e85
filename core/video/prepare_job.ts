import type { Codec, MediaInfo, MediaSink, MediaSource, WriteOptions, WritePlan } from "../contracts/codec.ts";
import { UsageError } from "../errors.ts";
import { ceil, compare, divide, format, multiply, type Rational, rational, round, subtract } from "../time/rational.ts";
import { type Sampling, timelineUnit } from "./timeline.ts";

/** What to do with one video, as the user asks for it. */
export interface JobOptions {
  /** Location of the source. */
  readonly input: string;
  /** Location of the target. */
  readonly output: string;
  /** Where the output frames lie. */
  readonly sampling: Sampling;
  /** Whether the rate stays as it is and the video becomes longer. @default {false} */
  readonly slowMotion?: boolean | undefined;
  /** Sound: copied, stretched with the video, or left out. @default {stretch in slow motion, else keep} */
  readonly audio?: "keep" | "stretch" | "drop" | undefined;
  /** Seconds from the first frame at which to begin. */
  readonly start?: Rational | undefined;
  /** Seconds from the first frame at which to end. */
  readonly end?: Rational | undefined;
  /** Whether the last frame moves on into the first. @default {false} */
  readonly loop?: boolean | undefined;
  /** Whether an interlaced source is read as whole frames: each field, or those of the video that was laid out over fields. @default {false} */
  readonly deinterlace?: boolean | undefined;
  /** Threshold of the cut detector, or `false` to leave it out. */
  readonly cuts?: { readonly threshold?: number | undefined } | false | undefined;
  /** Whether frames that repeat the one before give way to frames in between. @default {"fill"} */
  readonly duplicates?: "fill" | "keep" | undefined;
  /** Whether what stands still in a run of frames is taken from them and not made. @default {false} */
  readonly keepStill?: boolean | undefined;
  /** Whether an existing target is replaced. @default {false} */
  readonly overwrite?: boolean | undefined;
  /** Encoder by the codec's name. */
  readonly encoder?: string | undefined;
  /** Constant rate factor. */
  readonly crf?: number | undefined;
  /** Pixel format of the target by the codec's name. */
  readonly pixelFormat?: string | undefined;
}

/** A job that was looked into: it can begin. */
export interface PreparedJob {
  /** As asked for. */
  readonly options: JobOptions;
  /** What the source holds. */
  readonly info: MediaInfo;
  /** Reads the source. */
  readonly source: MediaSource;
  /** Writes the target. */
  readonly sink: MediaSink;
  /** What the sink will be asked for; its time base is settled by the first frame. */
  readonly write: WriteOptions;
  /** What the sink answered. */
  readonly plan: WritePlan;
  /** Where the output frames lie, after the target's limits. */
  readonly sampling: Sampling;
  /** How many times longer the video becomes. */
  readonly slowdown: Rational;
  /** Number of source frames, as far as the header tells. */
  readonly sourceFrames: number | undefined;
  /** Number of output frames that follows. */
  readonly expectedFrames: number | undefined;
  /** What the user should know before work starts. */
  readonly notes: readonly string[];
}

const ONE = rational(1);

async function findSource(codecs: readonly Codec[], location: string): Promise<MediaSource> {
  for (const { source } of codecs) if (source && await source.accepts(location)) return source;
  throw new UsageError(
    `no codec of the manifest reads ${location}; name a video file, a folder of images, or a pattern such as in/%05d.png`,
  );
}

async function findSink(codecs: readonly Codec[], location: string): Promise<MediaSink> {
  for (const { sink } of codecs) if (sink && await sink.accepts(location)) return sink;
  throw new UsageError(
    `no codec of the manifest writes ${location}; name a file that ends in mp4, mkv, webm, mov or gif, a folder, ` +
      "or a pattern such as out/%05d.png",
  );
}

/** The factor by which a video is filled so that, at its own rate, it lasts as if it had been shot at `fps`. */
function slowMotionFactor(fps: Rational, info: MediaInfo): Rational {
  if (!info.video.constantRate) {
    throw new UsageError(
      `${info.location} has a variable frame rate, so --fps with --slow-motion has no meaning; give --factor instead`,
    );
  }
  return divide(fps, info.video.rate);
}

function checkedSampling({ sampling, slowMotion }: JobOptions, info: MediaInfo): Sampling {
  if (sampling.kind === "factor") return sampling;
  const { rate } = info.video;
  if (compare(sampling.fps, rate) < 0) {
    throw new UsageError(
      `--fps ${format(sampling.fps)} is below the ${format(rate)} frames a second of ${info.location}; ` +
        "slomo makes frames and drops none: give a higher rate, or lower it first by another program",
    );
  }
  return slowMotion ? { kind: "factor", factor: slowMotionFactor(sampling.fps, info) } : sampling;
}

function outputRate(info: MediaInfo, sampling: Sampling, slowdown: Rational): Rational | undefined {
  if (sampling.kind === "fps") return sampling.fps;
  if (!info.video.constantRate) return undefined;
  return divide(multiply(info.video.rate, sampling.factor), slowdown);
}

function usedSeconds({ start, end }: JobOptions, info: MediaInfo): Rational | undefined {
  const { duration } = info.video;
  const last = end && duration ? (compare(end, duration) < 0 ? end : duration) : end ?? duration;
  return last && start ? subtract(last, start) : last;
}

function countFrames(options: JobOptions, info: MediaInfo): number | undefined {
  const { start = rational(0), end } = options, { frames, rate, duration } = info.video;
  if (!options.start && !end && frames !== undefined) return frames;
  const all = frames ?? (duration && Number(round(multiply(duration, rate))));
  const upTo = end ? Math.min(Number(ceil(multiply(end, rate))), all ?? Infinity) : all;
  return upTo === undefined ? undefined : Math.max(0, upTo - Number(ceil(multiply(start, rate))));
}

function expectedFrames(
  frames: number | undefined,
  { sampling, plan, options, info }: { sampling: Sampling; plan: WritePlan; options: JobOptions; info: MediaInfo },
): number | undefined {
  if (frames === undefined) return undefined;
  const held = plan.holdsLast || options.loop === true;
  if (sampling.kind === "factor") {
    const perFrame = Number(sampling.factor.num) / Number(sampling.factor.den);
    return held ? Math.round(frames * perFrame) : Math.ceil((frames - 1) * perFrame) + 1;
  }
  const seconds = usedSeconds(options, info);
  return seconds && Number(round(multiply(seconds, sampling.fps)));
}

function checkRange({ start, end, input }: JobOptions, info: MediaInfo): void {
  if (start && end && compare(start, end) >= 0) {
    throw new UsageError(`--start ${format(start)} must lie before --end ${format(end)}`);
  }
  const { duration } = info.video;
  if (start && duration && compare(start, duration) >= 0) {
    throw new UsageError(
      `--start ${format(start)} lies behind the end of ${input}, which lasts ${
        Number(duration.num) / Number(duration.den)
      } s`,
    );
  }
}

function deinterlaceNote({ location, video }: MediaInfo): string {
  if (video.deinterlaced === undefined) return `${location} is not interlaced: --deinterlace changes nothing`;
  if (video.deinterlaced.into === "film") {
    return "the frames of the video, which was laid out over the fields of video, are put together again; one in five repeats";
  }
  return `each field becomes a frame: ${format(video.rate)} a second, which --factor multiplies`;
}

/**
 * Looks into the source, settles times and rates, and tries the target out on a few frames. Nothing is computed or written.
 *
 * @param codecs Asked in order whether a location is theirs.
 * @throws {UsageError} If the job cannot be done as asked.
 */
export async function prepareJob(
  options: JobOptions,
  codecs: readonly Codec[],
  signal?: AbortSignal,
): Promise<PreparedJob> {
  const source = await findSource(codecs, options.input);
  const sink = await findSink(codecs, options.output);
  const info = await source.probe(options.input, { deinterlace: options.deinterlace });
  checkRange(options, info);
  const notes = [...info.notes];
  if (options.deinterlace) notes.push(deinterlaceNote(info));
  let sampling = checkedSampling(options, info);
  const slowdown = options.slowMotion && sampling.kind === "factor" ? sampling.factor : ONE;
  const audio = options.audio ?? (options.slowMotion ? "stretch" : "keep");
  if (options.slowMotion && audio === "keep") notes.push("the sound keeps its speed and ends before the picture");

  const { video } = info;
  const asked: WriteOptions = {
    location: options.output,
    image: { width: video.width, height: video.height, format: video.format, color: video.color },
    timebase: timelineUnit(video.timebase, sampling, slowdown),
    rate: outputRate(info, sampling, slowdown),
    sampleAspect: video.sampleAspect,
    rotation: video.rotation,
    overwrite: options.overwrite ?? false,
    encoder: options.encoder,
    crf: options.crf,
    pixelFormat: options.pixelFormat,
    copy: { info, start: options.start, end: options.end, audio, slowdown },
    signal,
  };
  const plan = await sink.plan(asked);
  let write = asked;
  const rate = asked.rate ?? (sampling.kind === "factor" ? multiply(video.rate, sampling.factor) : undefined);
  if (plan.maxRate && rate && compare(rate, plan.maxRate) > 0 && !options.slowMotion) {
    notes.push(
      `${plan.container} holds at most ${format(plan.maxRate)} frames a second; made at that rate in place of ${
        format(rate)
      }`,
    );
    sampling = { kind: "fps", fps: plan.maxRate };
    write = { ...asked, rate: plan.maxRate, timebase: timelineUnit(video.timebase, sampling, slowdown) };
  }
  const sourceFrames = countFrames(options, info);
  return {
    options,
    info,
    source,
    sink,
    write,
    plan,
    sampling,
    slowdown,
    sourceFrames,
    expectedFrames: expectedFrames(sourceFrames, { sampling, plan, options, info }),
    notes: [...notes, ...plan.notes],
  };
}
