import { add, compare, divide, floor, multiply, type Rational, rational, subtract, toNumber } from "@slomo/core/time";
import {
  type Frame,
  JobError,
  type MediaInfo,
  type MediaReader,
  type OpenOptions,
  type ReadOptions,
  UsageError,
} from "@slomo/core";
import { decode, type DecodeOptions } from "./decode.ts";
import { decimal } from "./decimal.ts";
import { probePackets } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import type { SourceDetails } from "./media_info.ts";
import type { NutFrame } from "./nut/codes.ts";
import { imageByteLength, imageFromBytes } from "./image_bytes.ts";
import { probeMedia } from "./probe.ts";
import { nominalStep } from "./timestamps.ts";

/** Seconds from which a seek is faster than decoding from the beginning. */
const SEEK_FROM = rational(5);

/** Seconds between the target of the seek and the first frame to output, for the decoder to recover. */
const PREROLL = rational(2);

const ceil = (a: Rational): bigint => -floor(rational(-a.num, a.den));

/** Decodes frames from a timestamp on, with a seek if it is faster and lands before the timestamp. */
async function* decodeFrom(
  tools: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  from: bigint,
  options: DecodeOptions,
): AsyncGenerator<NutFrame> {
  const time = multiply(rational(from), info.video.timebase);
  if (!details.joined && compare(subtract(time, info.video.start), SEEK_FROM) >= 0) {
    let isBefore = false;
    for await (const frame of decode(tools, info, details, { ...options, seek: subtract(time, PREROLL) })) {
      if (!isBefore && frame.pts > from) break;
      isBefore = true;
      if (frame.pts >= from) yield frame;
    }
    if (isBefore) return;
  }
  for await (const frame of decode(tools, info, details, options)) if (frame.pts >= from) yield frame;
}

/**
 * Returns the duration of the last frame: that of the previous field, of its packet, up to the end of the stream, of the
 * previous frame, or by the frame rate.
 */
async function lastDuration(
  tools: FfmpegTools,
  { location, video }: MediaInfo,
  details: SourceDetails,
  { pts, isDamaged, previous }: {
    readonly pts: bigint;
    readonly isDamaged: boolean;
    readonly previous?: bigint | undefined;
  },
): Promise<bigint> {
  if (video.deinterlaced?.into === "fields" && previous !== undefined) return previous;
  const stream = details.streams.find(({ index }) => index === video.index), step = nominalStep(video);
  const end = BigInt(stream?.start_pts ?? 0) + BigInt(stream?.duration_ts ?? 0), rest = end - pts;
  // The stream ends when the frame does, if that lasts as long as all others.
  if (!isDamaged && video.constantRate && rest === step && (previous ?? step) === step) return step;
  const time = toNumber(multiply(rational(pts), video.timebase));
  const packets = isDamaged ? [] : await probePackets(tools, location, video.index, time).catch(() => []);
  const packet = packets.find((packet) => packet.pts !== undefined && BigInt(packet.pts) === pts);
  if (packet?.duration) return BigInt(packet.duration);
  if (!isDamaged && rest > 0n) return rest;
  return !video.constantRate && previous !== undefined ? previous : step;
}

/**
 * Yields the frames of a source as they are stored, in order and on demand, with exact timestamps and durations. It reads one
 * frame ahead. Ending the iteration early kills the decoder.
 *
 * @throws {UsageError} If the requested part has no frames.
 * @throws {JobError} If the decoder was killed or failed.
 */
export async function* readFrames(
  tools: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  { start, end, signal, onWarning, onErrors }: ReadOptions,
): AsyncGenerator<Frame> {
  const { video } = info;
  const timestampOf = (seconds: Rational) => ceil(divide(add(video.start, seconds), video.timebase));
  // Up to 4.1, fieldmatch outputs the last frame twice.
  const ends = end ?? (video.deinterlaced?.into === "film" ? video.duration : undefined);
  const first = start === undefined ? undefined : timestampOf(start),
    until = ends === undefined ? undefined : timestampOf(ends);
  const like = { width: video.width, height: video.height, format: video.format, color: video.color };
  const size = imageByteLength(like);
  let isDamaged = false, pending: Omit<Frame, "duration"> | undefined, previous: bigint | undefined;
  const warn = (message: string) => {
    isDamaged = true;
    onWarning?.(message);
  };
  const options = { signal, onWarning: warn, onErrors };
  const decoded = first === undefined
    ? decode(tools, info, details, options)
    : decodeFrom(tools, info, details, first, options);
  let count = 0;
  for await (const { pts, data } of decoded) {
    if (pending) yield { ...pending, duration: previous = pts - pending.pts };
    pending = undefined;
    if (until !== undefined && pts >= until) break;
    if (data.length !== size) {
      throw new JobError(
        `${info.location}: the file is damaged: its frames are not ${video.width}×${video.height}, as its header says`,
        { code: "input-damaged" },
      );
    }
    count++;
    pending = { pts, timebase: video.timebase, image: imageFromBytes(data, like), facts: {} };
  }
  if (pending) {
    yield { ...pending, duration: await lastDuration(tools, info, details, { ...pending, isDamaged, previous }) };
  }
  if (count > 0) return;
  if (start === undefined && end === undefined) {
    throw new JobError(`${info.location}: cannot decode any frame of its video stream`, { code: "input-damaged" });
  }
  const part = `from ${decimal(start ?? rational(0), 3)} s${end ? ` to ${decimal(end, 3)} s` : " on"}`;
  const length = video.duration ? `; the video is ${decimal(video.duration, 3)} s long` : "";
  throw new UsageError(`${info.location} has no frame ${part}${length}`, { code: "empty-range", option: "start" });
}

/** An open video file. Each iteration has its own decoder. */
export class FfmpegReader implements MediaReader {
  readonly #tools: FfmpegTools;
  readonly #closed = new AbortController();

  private constructor(tools: FfmpegTools, readonly info: MediaInfo, readonly details: SourceDetails) {
    this.#tools = tools;
  }

  /**
   * Opens a video file.
   *
   * @throws {UsageError} If the file is missing, unreadable or has no video stream; the message names the file and the cause.
   */
  static async open(tools: FfmpegTools, location: string, options?: OpenOptions): Promise<FfmpegReader> {
    const { info, details } = await probeMedia(tools, location, options);
    return new FfmpegReader(tools, info, details);
  }

  /** Yields the frames as {@linkcode readFrames} does. */
  frames(options: ReadOptions = {}): AsyncGenerator<Frame> {
    const signals = [this.#closed.signal, ...options.signal ? [options.signal] : []];
    return readFrames(this.#tools, this.info, this.details, { ...options, signal: AbortSignal.any(signals) });
  }

  /** Stops running decoders. */
  close(): Promise<void> {
    this.#closed.abort(new JobError(`${this.info.location}: cannot read frames: the source is closed`));
    return Promise.resolve();
  }
}
