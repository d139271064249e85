import { divide, multiply, type Rational, rational, round } from "@slomo/core/time";
import { JobError, type MediaInfo } from "@slomo/core";
import { fileArgument } from "./ffprobe.ts";
import { explainErrors } from "./file_errors.ts";
import { cropFilter } from "./crop.ts";
import { deinterlaceFilter } from "./deinterlace.ts";
import { isNullMuxerError, joiningOutput, timestampOption } from "./discontinuity.ts";
import type { FfmpegTools } from "./locate.ts";
import type { SourceDetails } from "./media_info.ts";
import { TruncatedError } from "./nut/byte_reader.ts";
import type { NutFrame } from "./nut/codes.ts";
import { NutReader } from "./nut/reader.ts";
import { processError, startProcess } from "./process.ts";
import { decimal } from "./decimal.ts";
import { isShapeReport, REPORT_SHAPE, shapeChange } from "./shape_changes.ts";
import { nominalStep, repairTimestamps, timestampFilters, timestampOrigin, timestampReader } from "./timestamps.ts";
import { passthrough, uncropped } from "./version.ts";

/** Exit code of ffmpeg after too many decoding errors. The frames before and between them were output. */
const TOO_MANY_ERRORS = 69;

/** Options of {@linkcode decode}. */
export interface DecodeOptions {
  /** Timestamp in seconds to seek to. Decoding starts at a key frame near it, usually before. */
  readonly seek?: Rational | undefined;
  /** Kills the decoder. */
  readonly signal?: AbortSignal | undefined;
  /** Receives warnings about errors that did not end the stream. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Called if the decoder had reported errors when the iteration was ended early. */
  readonly onErrors?: (() => void) | undefined;
}

/** Seconds by which a timestamp must step back to count as a discontinuity. */
const BACKWARD_STEP = rational(1, 2);

/**
 * Returns the command line of the decoder, which outputs raw planar frames in NUT. Timestamps are exact only if the encoder
 * uses the time base of the stream; they are output as differences. Frames are not dropped, duplicated or rotated.
 */
function decodeArguments(
  { version }: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  seek: Rational | undefined,
): string[] {
  const { location, video } = info, { transport, joined, decoder, mirrored, crop } = details;
  const seeking = seek ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", decimal(seek)] : [];
  const filters = [REPORT_SHAPE, ...deinterlaceFilter(video)];
  if (crop) filters.push(cropFilter(crop));
  if (mirrored) filters.push("hflip");
  if (transport.via) filters.push(`format=${transport.via}`);
  filters.push(...timestampFilters(video, timestampOrigin(video, joined !== undefined)));
  return [
    ...["-nostdin", "-v", "error", "-noautorotate", ...uncropped(version), ...timestampOption(joined), ...seeking],
    ...(decoder ? ["-c:v", decoder] : []),
    ...["-i", fileArgument(location), "-map", `0:${video.index}`, ...passthrough(version), "-vf", filters.join(",")],
    ...["-enc_time_base", `${video.timebase.num}/${video.timebase.den}`],
    ...(transport.converted ? ["-pix_fmt", transport.name] : []),
    ...["-c:v", "rawvideo", "-f", "nut", "pipe:1"],
    ...joiningOutput(0, { info, details }),
  ];
}

/** Yields frames as they are decoded, with the timestamps of the file. */
async function* readTimestamps(reader: NutReader, { timebase }: MediaInfo["video"], origin: bigint) {
  const timestampOf = timestampReader(origin);
  for await (const { pts, data } of reader.frames()) {
    const { num, den } = reader.stream!;
    yield { pts: timestampOf(pts * num * timebase.den / (den * timebase.num)), data };
  }
}

/**
 * Decodes the video stream of a source on demand, with timestamps in the time base of the stream. Ending the iteration
 * early kills the decoder.
 *
 * @throws {JobError} If the decoder was killed or failed.
 */
export async function* decode(
  tools: FfmpegTools,
  info: MediaInfo,
  details: SourceDetails,
  { seek, signal, onWarning, onErrors }: DecodeOptions,
): AsyncGenerator<NutFrame> {
  const { timebase, start } = info.video, toUnits = (time: Rational) => round(divide(time, timebase));
  const warn = (message: string) => onWarning?.(`${info.location}${message}`);
  const onDiscontinuity = (pts: bigint) =>
    warn(
      `: timestamps restart at ${
        decimal(multiply(rational(pts), timebase), 3)
      } s; video continues from there, but audio ` +
        `and subtitles may be out of sync. Remux it first: ffmpeg -i ${info.location} -c copy fixed.mkv`,
    );
  const isError = (line: string) => !isShapeReport(line) && !isNullMuxerError(line);
  let shift = details.joined ? undefined : 0n, isOver = false;
  const child = startProcess(tools.ffmpeg, decodeArguments(tools, info, details, seek), { signal });
  try {
    const reader = new NutReader(child.output());
    let count = 0, isComplete = true;
    try {
      const step = nominalStep(info.video), threshold = toUnits(BACKWARD_STEP);
      const origin = timestampOrigin(info.video, details.joined !== undefined);
      for await (
        const { pts, data } of repairTimestamps(readTimestamps(reader, info.video, origin), {
          step,
          threshold,
          onDiscontinuity,
        })
      ) {
        count++;
        shift ??= pts - toUnits(start);
        yield { pts: pts - shift, data };
      }
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
      isComplete = false;
    }
    isOver = true;
    const ended = await child.exit, exit = { ...ended, errors: ended.errors.filter(isError) };
    signal?.throwIfAborted();
    const isFailed = !isComplete || (exit.code !== 0 && !(exit.code === TOO_MANY_ERRORS && count > 0));
    if (isFailed && !exit.signal && exit.errors.length > 0) {
      throw new JobError(
        `${info.location}: cannot decode the video after frame ${count}: ${explainErrors(exit.errors)}`,
        { code: "input-damaged" },
      );
    }
    if (isFailed || exit.signal) {
      throw processError(tools.ffmpeg, exit, `reading ${info.location} after frame ${count}`);
    }
    const change = shapeChange(ended.errors);
    if (change !== undefined) warn(`: ${change}`);
    if (exit.errors.length > 0) {
      warn(`: the file is damaged: ${explainErrors(exit.errors)}; ${count} frames could be decoded`);
    }
  } finally {
    await child.kill();
    const { errors } = await child.exit;
    if (!isOver && (errors.some(isError) || shapeChange(errors) !== undefined)) onErrors?.();
  }
}
