import { divide, JobError, type MediaInfo, type Rational, rational, round } from "@slomo/core";
import { goingOn, isOfJoining, joinedOutput, risingClock } from "./clock.ts";
import { fileArgument } from "./ffprobe.ts";
import { cropFilter } from "./crop.ts";
import { deinterlaceFilter } from "./deinterlace.ts";
import type { FfmpegTools } from "./locate.ts";
import type { SourceDetails } from "./media_info.ts";
import { TruncatedError } from "./nut/byte_reader.ts";
import type { NutFrame } from "./nut/codes.ts";
import { NutReader } from "./nut/reader.ts";
import { lastError, processError, startProcess } from "./process.ts";
import { decimal } from "./decimal.ts";
import { shapeChange, TELL_SHAPE, tellsShape } from "./shape_changes.ts";
import { passthrough, uncropped } from "./version.ts";

/** The exit code of an ffmpeg that met too many broken frames; those it could decode have been given. */
const TOO_MANY_BROKEN = 69;

/** What {@linkcode decode} is told. */
export interface DecodeOptions {
  /** Time stamp in seconds to which ffmpeg seeks; it lands on a key frame about there, mostly before. */
  readonly seek?: Rational | undefined;
  /** Kills the decoder. */
  readonly signal?: AbortSignal | undefined;
  /** Told of trouble that did not end the stream. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Whole seconds to add so that no time stamp is negative, which NUT cannot hold; a multiple of the time base. */
function shiftFor({ start, timebase }: MediaInfo["video"]): bigint {
  if (start.num >= 0n) return 0n;
  const seconds = (-start.num + start.den - 1n) / start.den;
  return (seconds + timebase.num - 1n) / timebase.num * timebase.num;
}

/**
 * The command line that decodes: raw planar frames in NUT. Time stamps are exact only with the stream's own time base
 * given to the encoder and kept from the file; frames are neither dropped, repeated nor turned upright.
 */
function decodeArguments(
  { version }: FfmpegTools,
  { location, video }: MediaInfo,
  { transport, joined, mirrored, crop }: SourceDetails,
  seek: Rational | undefined,
): string[] {
  const shift = joined ? 0n : shiftFor(video);
  const seeking = seek ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", decimal(seek)] : [];
  const filters = [TELL_SHAPE, risingClock(video, shift), ...deinterlaceFilter(video)];
  if (crop) filters.push(cropFilter(crop));
  if (mirrored) filters.push("hflip");
  return [
    ...["-nostdin", "-v", "error", "-noautorotate", ...uncropped(version), ...(joined ? [] : ["-copyts"]), ...seeking],
    ...(shift > 0n ? ["-itsoffset", `${shift}`] : []),
    ...["-i", fileArgument(location), "-map", `0:${video.index}`, ...passthrough(version), "-vf", filters.join(",")],
    ...["-enc_time_base", `${video.timebase.num}/${video.timebase.den}`],
    ...(transport.converted ? ["-pix_fmt", transport.name] : []),
    ...["-c:v", "rawvideo", "-f", "nut", "pipe:1"],
    ...(joined ? joinedOutput(0, video.index) : []),
  ];
}

/**
 * The pictures of a source's video stream with time stamps in the stream's time base, as they are demanded. Ending the
 * iteration early kills the decoder.
 *
 * @throws {JobError} If the decoder was killed or failed.
 */
export async function* decode(
  tools: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  { seek, signal, onWarning }: DecodeOptions,
): AsyncGenerator<NutFrame> {
  const { timebase, start } = info.video;
  let shift = details.joined ? undefined : shiftFor(info.video) * timebase.den / timebase.num;
  const child = startProcess(tools.ffmpeg, decodeArguments(tools, info, details, seek), { signal });
  try {
    const reader = new NutReader(child.output());
    let count = 0, whole = true;
    try {
      for await (const { pts, data } of reader.frames()) {
        const { num, den } = reader.stream!;
        const stamp = rational(pts * num * timebase.den, den * timebase.num);
        if (stamp.den !== 1n) {
          throw new JobError(
            `${info.location}: frame ${
              count + 1
            } has no usable time stamp; write it anew first, for example with ffmpeg`,
          );
        }
        count++;
        shift ??= stamp.num - round(divide(start, timebase));
        yield { pts: stamp.num - shift, data };
      }
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
      whole = false;
    }
    const ended = await child.exit, exit = { ...ended, errors: ended.errors.filter((line) => !tellsShape(line)) };
    signal?.throwIfAborted();
    if (exit.signal || !whole || (exit.code !== 0 && !(exit.code === TOO_MANY_BROKEN && count > 0))) {
      throw processError(tools.ffmpeg, exit, `reading ${info.location} after frame ${count}`);
    }
    const change = shapeChange(ended.errors);
    if (change !== undefined) onWarning?.(`${info.location}: ${change}`);
    const anew = exit.errors.map(goingOn).find((seconds) => seconds !== undefined);
    if (anew !== undefined) {
      onWarning?.(
        `${info.location}: time begins anew after ${anew} s; the pictures go on from there, but other streams may not: ` +
          "write it anew first, with ffmpeg",
      );
    }
    const errors = exit.errors.filter((line) => goingOn(line) === undefined && !isOfJoining(line));
    if (errors.length > 0) {
      onWarning?.(
        `${info.location} is damaged: ${lastError(errors)}; the ${count} frames that could be decoded are used`,
      );
    }
  } finally {
    await child.kill();
  }
}
