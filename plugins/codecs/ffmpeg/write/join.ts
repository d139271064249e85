import { type Rational, rational, subtract } from "@slomo/core/time";
import { join } from "@std/path";
import { decimal } from "../decimal.ts";
import { joiningOutput, timestampOption } from "../discontinuity.ts";
import { fileArgument } from "../ffprobe.ts";
import { type CopiedFiles, copiedStreams, encoderTimebase, muxerArguments } from "./command.ts";
import { taggedRotation, type WriteJob } from "./write_job.ts";
import { hasPacketTimes } from "../version.ts";
import type { Placement } from "./placement.ts";
import type { Segment } from "./segment.ts";

const seconds = (micros: number): Rational => rational(micros, 1_000_000);

/** Returns the path of a segment in the list: absolute, or relative to the list if the folder's path has line breaks. */
function listed(folder: string, name: string): string {
  return /[\r\n]/.test(folder) ? name : fileArgument(join(folder, name));
}

/**
 * Returns the list of segments for ffmpeg's concat demuxer. The demuxer starts each segment at the end of the previous one, so
 * the duration of each is the difference of their starts in microseconds, which is exact when rounded to the time base. If
 * segments keep their timestamps, the list has their start times too, which some versions do not detect.
 */
export function segmentList(folder: string, segments: readonly Segment[], keepsTimestamps: boolean): string {
  const lines = segments.flatMap(({ name, start }, index) => {
    const next = segments[index + 1];
    const path = listed(folder, name).replaceAll("'", "'\\''");
    return [
      `file '${path}'`,
      ...(next ? [`duration ${decimal(seconds(next.start - start))}`] : []),
      ...(keepsTimestamps ? [`inpoint ${decimal(seconds(start))}`] : []),
    ];
  });
  return ["ffconcat version 1.0", ...lines, ""].join("\n");
}

/** Returns the start of the first segment in the output. */
function startInOutput({ container }: WriteJob, { first, origin }: Placement, segments: readonly Segment[]): Rational {
  return container.milliseconds ? seconds(segments[0]!.start) : subtract(first, origin);
}

/**
 * Returns the bitstream filter that makes decoding times rise by one frame duration from segment to segment. An encoder that
 * reorders frames starts their decoding times early by its delay, but a last segment of fewer frames than the delay starts
 * later. The gap would count as the duration of a frame, so that the track would be too long.
 */
function decodingTimes({ container, tools, options: { rate } }: WriteJob, { length }: readonly Segment[]): string[] {
  if (container.rotation !== "tag" || length < 2 || !rate || !hasPacketTimes(tools.version)) return [];
  return ["-bsf:v:0", `setts=pts=PTS:dts=if(N\\,min(DTS\\,PREV_OUTDTS+ceil(${rate.den}/${rate.num}/TB))\\,DTS)`];
}

/** Input files and the output file of a join. */
export interface JoinFiles extends CopiedFiles {
  /** A {@linkcode segmentList}. */
  readonly list: string;
  /** The video. */
  readonly output: string;
}

/**
 * Returns the command line that joins segments and the copied streams. The same segments give the same file, byte for byte.
 *
 * @param list Path of a {@linkcode segmentList}.
 */
export function joinArguments(
  job: WriteJob,
  placement: Placement,
  segments: readonly Segment[],
  { list, output, ...files }: JoinFiles,
): readonly string[] {
  const { inputs, outputs } = copiedStreams(job, placement, files), rotation = taggedRotation(job);
  const begin = startInOutput(job, placement, segments);
  return [
    ...["-nostdin", "-v", "error", "-y", ...timestampOption(job.source?.details.joined)],
    ...(rotation === 0 ? [] : ["-display_rotation", `${rotation === 270 ? 90 : -rotation}`]),
    ...(begin.num === 0n ? [] : ["-itsoffset", decimal(begin)]),
    // Conversion would repeat the decoder configuration in every key frame.
    ...["-f", "concat", "-safe", "0", "-auto_convert", "0", "-i", fileArgument(list), ...inputs],
    ...["-map", "0:v:0", ...(job.source ? [] : ["-map_metadata", "-1"]), ...outputs, "-c:0", "copy"],
    ...decodingTimes(job, segments),
    ...["-max_muxing_queue_size", "9999", ...muxerArguments(job, encoderTimebase(job)), "-fflags", "+bitexact"],
    ...["-f", job.container.name, fileArgument(output)],
    ...joiningOutput(1, job.source),
  ];
}
