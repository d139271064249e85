import { type Rational, rational, subtract } from "@slomo/core/time";
import { join } from "@std/path";
import { decimal } from "../decimal.ts";
import { clockOption, joinedOutput } from "../discontinuity.ts";
import { fileArgument } from "../ffprobe.ts";
import { type CopiedFiles, copiedStreams, encoderTimebase, muxerArguments } from "./command.ts";
import { taggedRotation, type WriteJob } from "./write_job.ts";
import type { Placement } from "./placement.ts";
import type { Segment } from "./segment.ts";

const seconds = (micros: number): Rational => rational(micros, 1_000_000);

/** A segment as the list names it: by its whole path, or from the list's place where the path's line breaks would end the line. */
function listed(folder: string, name: string): string {
  return /[\r\n]/.test(folder) ? name : fileArgument(join(folder, name));
}

/**
 * The list of segments as ffmpeg's concat demuxer reads it. It lays each where those before end, so the length that is told
 * of each is the way to the next one's beginning, to the millionth: rounded to the video's unit, that is exact. Where segments
 * keep a clock of their own, that beginning is told too: not every version finds it by itself.
 */
export function segmentList(folder: string, segments: readonly Segment[], hasOwnClock: boolean): string {
  const lines = segments.flatMap(({ name, start }, index) => {
    const next = segments[index + 1];
    const path = listed(folder, name).replaceAll("'", "'\\''");
    return [
      `file '${path}'`,
      ...(next ? [`duration ${decimal(seconds(next.start - start))}`] : []),
      ...(hasOwnClock ? [`inpoint ${decimal(seconds(start))}`] : []),
    ];
  });
  return ["ffconcat version 1.0", ...lines, ""].join("\n");
}

/** When the first segment begins in the video: as it says itself where clocks are kept, else where it is placed. */
function beginning({ container }: WriteJob, { first, origin }: Placement, segments: readonly Segment[]): Rational {
  return container.milliseconds ? seconds(segments[0]!.start) : subtract(first, origin);
}

/** Files that a video is joined from, and the one that is written. */
export interface JoinFiles extends CopiedFiles {
  /** A {@linkcode segmentList}. */
  readonly list: string;
  /** The video. */
  readonly output: string;
}

/**
 * The command line that joins segments into the video, with the streams that go along. Nothing in the file is random, so that
 * the same segments give the same video to the byte.
 *
 * @param list Path of a {@linkcode segmentList}.
 */
export function joinArguments(
  job: WriteJob,
  placement: Placement,
  segments: readonly Segment[],
  { list, output, ...files }: JoinFiles,
): readonly string[] {
  const { inputs, outputs } = copiedStreams(job, placement, files), turn = taggedRotation(job);
  const begin = beginning(job, placement, segments);
  return [
    ...["-nostdin", "-v", "error", "-y", ...clockOption(job.source?.details.joined)],
    ...(turn === 0 ? [] : ["-display_rotation", `${turn === 270 ? 90 : -turn}`]),
    ...(begin.num === 0n ? [] : ["-itsoffset", decimal(begin)]),
    // Converted, each segment would carry its decoder's set-up in every key frame.
    ...["-f", "concat", "-safe", "0", "-auto_convert", "0", "-i", fileArgument(list), ...inputs],
    ...["-map", "0:v:0", ...(job.source ? [] : ["-map_metadata", "-1"]), ...outputs, "-c:0", "copy"],
    ...["-max_muxing_queue_size", "9999", ...muxerArguments(job, encoderTimebase(job)), "-fflags", "+bitexact"],
    ...["-f", job.container.name, fileArgument(output)],
    ...joinedOutput(1, job.source),
  ];
}
