import { divide, multiply, type Rational, rational, toNumber } from "@slomo/core/time";
import type { MediaInfo } from "@slomo/core";
import { packetLines, parseRatio, type ProbedFile, type ProbedStream } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";

/** Containers that may be concatenations of recordings with independent timestamps. */
const JOINABLE = /^(mpegts|mpeg)$/;

/** Returns whether ffmpeg expects discontinuities in a container. */
export const isJoinable = (container: string): boolean => JOINABLE.test(container);

/** Seconds of a step back from which it is a discontinuity. */
const BACKWARD_STEP = 0.1;

/** Seconds of a step forward from which it is a discontinuity, if the file has another one. */
const FORWARD_STEP = 10;

/** Seconds of a step forward from which it is always a discontinuity. */
const LARGE_FORWARD_STEP = 3600;

/** Timestamps of a file with discontinuities. */
export interface TimestampDiscontinuity {
  /** First timestamp of the file in seconds, which ffmpeg subtracts. */
  readonly start: Rational;
}

/** Duration and discontinuities found in the packets of a stream. */
export interface ScannedTimestamps {
  /** Duration of the stream in seconds, without the jumps at discontinuities. */
  readonly duration: Rational;
  /** Set if the file has discontinuities. */
  readonly joined: TimestampDiscontinuity | undefined;
}

/**
 * Reads the packets of a stream to find its duration and its timestamp discontinuities. Only containers that often have
 * discontinuities are scanned; they do not store a duration either.
 */
export async function scanTimestamps(
  tools: FfmpegTools,
  location: string,
  { format }: ProbedFile,
  { index, time_base, r_frame_rate }: ProbedStream,
): Promise<ScannedTimestamps | undefined> {
  const timebase = parseRatio(time_base), rate = parseRatio(r_frame_rate) ?? rational(25);
  if (!isJoinable(format.format_name) || !timebase) return undefined;
  const seconds = toNumber(timebase);
  const nominal = toNumber(divide(divide(rational(1), rate), timebase));
  let previous: number | undefined, isJoined = false, total = 0;
  for await (const line of packetLines(tools, location, index, "packet=dts")) {
    const timestamp = parseInt(line);
    if (Number.isNaN(timestamp)) continue;
    const step = previous === undefined ? nominal : timestamp - previous;
    const isBack = step * seconds < -BACKWARD_STEP;
    isJoined ||= isBack || step * seconds > LARGE_FORWARD_STEP;
    total += isBack || step * seconds > FORWARD_STEP ? nominal : step;
    previous = timestamp;
  }
  if (previous === undefined) return undefined;
  const start = rational(Math.round(1e6 * Number(format.start_time ?? 0)), 1_000_000);
  return { duration: multiply(rational(Math.round(total)), timebase), joined: isJoined ? { start } : undefined };
}

/** Returns the option that keeps the timestamps of a file. Without it, ffmpeg removes discontinuities. */
export function timestampOption(joined: TimestampDiscontinuity | undefined): readonly string[] {
  return joined ? [] : ["-copyts"];
}

/**
 * Returns an output that writes nothing and maps the video and audio of input `input`, for sources with discontinuities.
 * ffmpeg derives its corrections from all mapped streams, so all commands must map the same streams.
 */
export function joiningOutput(
  input: number,
  source:
    | { readonly info: MediaInfo; readonly details: { readonly joined: TimestampDiscontinuity | undefined } }
    | undefined,
): readonly string[] {
  if (!source?.details.joined) return [];
  return ["-map", `${input}:${source.info.video.index}`, "-map", `${input}:a?`, "-c", "copy", "-f", "null", "-"];
}

/** Tests whether an error line is about {@linkcode joiningOutput}, in which timestamps may overlap. */
export function isNullMuxerError(line: string): boolean {
  return line.startsWith("[null @");
}
