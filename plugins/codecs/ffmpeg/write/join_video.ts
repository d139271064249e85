import { subtract } from "@slomo/core/time";
import { JobError, type VideoSpan } from "@slomo/core";
import { join } from "@std/path";
import { readsOptionFiles } from "../version.ts";
import { diskError, processError, runProcess } from "../process.ts";
import { extractAttachedPictures } from "./attached_pictures.ts";
import { fitChapters } from "./chapters.ts";
import { joinArguments, type JoinFiles, segmentList } from "./join.ts";
import { repairRate } from "./matroska_rate.ts";
import { ensureLength } from "./mp4_length.ts";
import { padTransport } from "./pad_transport.ts";
import { findAllOnsets } from "./onsets.ts";
import { lasting, type Placement } from "./placement.ts";
import type { Segment } from "./segment.ts";
import { fitSubtitles } from "./subtitles.ts";
import { keptPath, removeIfThere } from "./target.ts";
import { placementOf } from "./video_times.ts";
import { encodeAudio, type WriteJob } from "./write_job.ts";

/** Where segments are joined. */
export interface JoinPlace {
  /** Folder of the segments. */
  readonly folder: string;
  /** Path of the list of segments, in that folder. */
  readonly list: string;
  /** Folder for the video and other files. */
  readonly work: string;
}

/**
 * Joins segments with the other streams of the source to a complete video. If other streams cannot be copied, audio is
 * encoded instead, since damaged audio can be decoded in part. If that fails too, the video is kept and its path is reported.
 *
 * @returns Path of the video.
 * @throws {JobError} If it cannot be written.
 */
export async function joinVideo(
  job: WriteJob,
  segments: readonly Segment[],
  { first, end }: VideoSpan,
  { folder, list, work }: JoinPlace,
  onWarning: (message: string) => void,
): Promise<string> {
  const { tools, container, options: { location, rate } } = job, output = join(work, "video");
  await Deno.writeTextFile(list, segmentList(folder, segments, container.milliseconds));
  const placement = lasting(placementOf(job, first), end);
  const files = {
    list,
    output,
    subtitles: await fitSubtitles(job, placement, join(work, "subtitles")),
    covers: await extractAttachedPictures(job, work),
    chapters: await fitChapters(job, placement, join(work, "chapters")),
    onsets: await findAllOnsets(job, placement),
  };
  const failure = await mux(job, placement, segments, files);
  if (failure) {
    if (failure.isDisk) throw failure.error;
    const encoded = encodeAudio(job);
    if (encoded && !await mux(encoded, placement, segments, files)) {
      onWarning(`audio could not be copied and is encoded instead: ${failure.error.message}`);
    } else {
      if (await mux({ ...job, source: undefined }, placement, segments, files)) throw failure.error;
      const kept = await keptPath(location);
      await Deno.rename(output, kept);
      throw new JobError(`${failure.error.message}; the video alone is kept as ${kept}`, { code: "write-failed" });
    }
  }
  if (container.rotation === "tag") await ensureLength(output, subtract(end, first));
  if (container.name === "mpegts") await padTransport(output);
  if (container.milliseconds && rate) await repairRate(tools, output, rate);
  return output;
}

/** Length of a filter in characters from which it is read from a file: command lines are limited. */
const LONG_FILTER = 8000;

/** Writes long filters to files, and returns the command line that reads them. */
async function withFilterFiles(
  { tools: { version } }: WriteJob,
  args: readonly string[],
  output: string,
): Promise<readonly string[]> {
  const result = [...args];
  for (const [i, value] of args.entries()) {
    const [, stream] = /^-filter:(\d+)$/.exec(args[i - 1] ?? "") ?? [];
    if (stream === undefined || value.length < LONG_FILTER) continue;
    const path = `${output}.filter-${stream}`;
    await Deno.writeTextFile(path, value);
    result[i - 1] = readsOptionFiles(version) ? `-/filter:${stream}` : `-filter_script:${stream}`;
    result[i] = path;
  }
  return result;
}

async function mux(job: WriteJob, placement: Placement, segments: readonly Segment[], files: JoinFiles) {
  const { tools: { ffmpeg }, options: { location, signal } } = job;
  const args = await withFilterFiles(job, joinArguments(job, placement, segments, files), files.output);
  const exit = await runProcess(ffmpeg, args, { signal });
  const isDisk = diskError(exit.errors) !== undefined;
  if (exit.code === 0 && !exit.signal && !isDisk) return undefined;
  await removeIfThere(files.output);
  return { isDisk, error: processError(ffmpeg, exit, `writing ${location}`) };
}
