import { divide, multiply, type Rational, rational, round } from "@slomo/core/time";
import type { MediaInfo } from "@slomo/core";
import { fileArgument } from "./ffprobe.ts";
import { cropFilter } from "./crop.ts";
import { deinterlaceFilter } from "./deinterlace.ts";
import { clockOption, isOfJoining, joinedOutput } from "./discontinuity.ts";
import type { FfmpegTools } from "./locate.ts";
import type { SourceDetails } from "./media_info.ts";
import { TruncatedError } from "./nut/byte_reader.ts";
import type { NutFrame } from "./nut/codes.ts";
import { NutReader } from "./nut/reader.ts";
import { lastError, processError, startProcess } from "./process.ts";
import { decimal } from "./decimal.ts";
import { shapeChange, TELL_SHAPE, tellsShape } from "./shape_changes.ts";
import { nominalStep, repairTimestamps, timestampFilters, timestampReader } from "./timestamps.ts";
import { passthrough, uncropped } from "./version.ts";

/** The exit code of an ffmpeg that met too many broken frames; those it could decode have been given. */
const TOO_MANY_BROKEN = 69;

/** What {@linkcode decode} is told. */
export interface DecodeOptions {
  /** Timestamp in seconds to which ffmpeg seeks; it lands on a key frame about there, mostly before. */
  readonly seek?: Rational | undefined;
  /** Kills the decoder. */
  readonly signal?: AbortSignal | undefined;
  /** Told of trouble that did not end the stream. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** So far below the one before, in seconds, a timestamp begins time anew. */
const ANEW = rational(1, 2);

/**
 * The command line that decodes: raw planar frames in NUT. Timestamps are exact only with the stream's own time base given to
 * the encoder and kept from the file, and travel as distances; frames are neither dropped, repeated nor turned upright.
 */
function decodeArguments(
  { version }: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  seek: Rational | undefined,
): string[] {
  const { location, video } = info, { transport, joined, decoder, mirrored, crop } = details;
  const seeking = seek ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", decimal(seek)] : [];
  const filters = [TELL_SHAPE, ...deinterlaceFilter(video)];
  if (crop) filters.push(cropFilter(crop));
  if (mirrored) filters.push("hflip");
  if (transport.via) filters.push(`format=${transport.via}`);
  filters.push(...timestampFilters(video));
  return [
    ...["-nostdin", "-v", "error", "-noautorotate", ...uncropped(version), ...clockOption(joined), ...seeking],
    ...(decoder ? ["-c:v", decoder] : []),
    ...["-i", fileArgument(location), "-map", `0:${video.index}`, ...passthrough(version), "-vf", filters.join(",")],
    ...["-enc_time_base", `${video.timebase.num}/${video.timebase.den}`],
    ...(transport.converted ? ["-pix_fmt", transport.name] : []),
    ...["-c:v", "rawvideo", "-f", "nut", "pipe:1"],
    ...joinedOutput(0, { info, details }),
  ];
}

/** The pictures as they come, with the stamps that the file has. */
async function* readStamps(reader: NutReader, video: MediaInfo["video"]) {
  const { timebase } = video, stampOf = timestampReader(video);
  for await (const { pts, data } of reader.frames()) {
    const { num, den } = reader.stream!;
    yield { pts: stampOf(pts * num * timebase.den / (den * timebase.num)), data };
  }
}

/**
 * The pictures of a source's video stream with timestamps in the stream's time base, as they are demanded. Ending the
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
  const { timebase, start } = info.video, toUnits = (time: Rational) => round(divide(time, timebase));
  const warn = (message: string) => onWarning?.(`${info.location}${message}`);
  const onAnew = (pts: bigint) =>
    warn(
      `: time begins anew after ${decimal(multiply(rational(pts), timebase), 3)} s; the pictures go on from there, ` +
        "but other streams may not: write it anew first, with ffmpeg",
    );
  let shift = details.joined ? undefined : 0n;
  const child = startProcess(tools.ffmpeg, decodeArguments(tools, info, details, seek), { signal });
  try {
    const reader = new NutReader(child.output());
    let count = 0, whole = true;
    try {
      const step = nominalStep(info.video), anew = toUnits(ANEW);
      for await (const { pts, data } of repairTimestamps(readStamps(reader, info.video), { step, anew, onAnew })) {
        count++;
        shift ??= pts - toUnits(start);
        yield { pts: pts - shift, data };
      }
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
      whole = false;
    }
    const ended = await child.exit;
    const exit = { ...ended, errors: ended.errors.filter((line) => !tellsShape(line) && !isOfJoining(line)) };
    signal?.throwIfAborted();
    if (exit.signal || !whole || (exit.code !== 0 && !(exit.code === TOO_MANY_BROKEN && count > 0))) {
      throw processError(tools.ffmpeg, exit, `reading ${info.location} after frame ${count}`);
    }
    const change = shapeChange(ended.errors);
    if (change !== undefined) warn(`: ${change}`);
    if (exit.errors.length > 0) {
      warn(` is damaged: ${lastError(exit.errors)}; the ${count} frames that could be decoded are used`);
    }
  } finally {
    await child.kill();
  }
}
