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

/** Below this many seconds, decoding from the beginning is as fast as a seek. */
const SEEK_FROM = rational(5);

/** How far before the wanted time the seek aims, so that the decoder has settled when it gets there. */
const SETTLING = rational(2);

const ceil = (a: Rational): bigint => -floor(rational(-a.num, a.den));

/** The pictures from a timestamp on; by a seek where it pays and lands before that stamp. */
async function* decodeFrom(
  tools: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  from: bigint,
  options: DecodeOptions,
): AsyncGenerator<NutFrame> {
  const time = multiply(rational(from), info.video.timebase);
  if (!details.joined && compare(subtract(time, info.video.start), SEEK_FROM) >= 0) {
    let isSettled = false;
    for await (const frame of decode(tools, info, details, { ...options, seek: subtract(time, SETTLING) })) {
      if (!isSettled && frame.pts > from) break;
      isSettled = true;
      if (frame.pts >= from) yield frame;
    }
    if (isSettled) return;
  }
  for await (const frame of decode(tools, info, details, options)) if (frame.pts >= from) yield frame;
}

/** How long the last frame is shown: as the field before, by its packet, else by the stream's length, else as the one before or by the rate. */
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
  const time = toNumber(multiply(rational(pts), video.timebase));
  const packets = isDamaged ? [] : await probePackets(tools, location, video.index, time).catch(() => []);
  const packet = packets.find((packet) => packet.pts !== undefined && BigInt(packet.pts) === pts);
  if (packet?.duration) return BigInt(packet.duration);
  const stream = details.streams.find(({ index }) => index === video.index);
  const end = BigInt(stream?.start_pts ?? 0) + BigInt(stream?.duration_ts ?? 0);
  if (!isDamaged && end > pts) return end - pts;
  if (!video.constantRate && previous !== undefined) return previous;
  return nominalStep(video);
}

/**
 * The frames of a source as they are stored, in order, one at a time on demand: each has its exact timestamp and duration.
 * One frame is read ahead. Ending the iteration early kills the decoder.
 *
 * @throws {UsageError} If the part that is asked for holds no frame.
 * @throws {JobError} If the decoder was killed or failed.
 */
export async function* readFrames(
  tools: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  { start, end, signal, onWarning }: ReadOptions,
): AsyncGenerator<Frame> {
  const { video } = info;
  const stampOf = (seconds: Rational) => ceil(divide(add(video.start, seconds), video.timebase));
  // Up to 4.1, fieldmatch gives a last frame twice.
  const ends = end ?? (video.deinterlaced?.into === "film" ? video.duration : undefined);
  const first = start === undefined ? undefined : stampOf(start),
    until = ends === undefined ? undefined : stampOf(ends);
  const like = { width: video.width, height: video.height, format: video.format, color: video.color };
  const size = imageByteLength(like);
  let isDamaged = false, held: Omit<Frame, "duration"> | undefined, previous: bigint | undefined;
  const warn = (message: string) => {
    isDamaged = true;
    onWarning?.(message);
  };
  const options = { signal, onWarning: warn };
  const pictures = first === undefined
    ? decode(tools, info, details, options)
    : decodeFrom(tools, info, details, first, options);
  let count = 0;
  for await (const { pts, data } of pictures) {
    if (held) yield { ...held, duration: previous = pts - held.pts };
    held = undefined;
    if (until !== undefined && pts >= until) break;
    if (data.length !== size) {
      throw new JobError(
        `${info.location} is damaged: its pictures are not ${video.width}×${video.height}, as it says`,
      );
    }
    count++;
    held = { pts, timebase: video.timebase, image: imageFromBytes(data, like), facts: {} };
  }
  if (held) yield { ...held, duration: await lastDuration(tools, info, details, { ...held, isDamaged, previous }) };
  if (count > 0) return;
  if (start === undefined && end === undefined) {
    throw new JobError(`${info.location}: no frame of its video stream can be decoded`);
  }
  const part = `from ${decimal(start ?? rational(0), 3)} s${end ? ` to ${decimal(end, 3)} s` : " on"}`;
  const length = video.duration ? `; the video is ${decimal(video.duration, 3)} s long` : "";
  throw new UsageError(`${info.location} has no frame ${part}${length}`);
}

/** An open video file. Nothing is held between iterations: each has a decoder of its own. */
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

  /** Stops the decoders that still run. */
  close(): Promise<void> {
    this.#closed.abort(new JobError(`${this.info.location}: cannot read frames: the source is closed`));
    return Promise.resolve();
  }
}
