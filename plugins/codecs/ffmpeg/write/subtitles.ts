import { compare, rational, subtract } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import { fileArgument } from "../ffprobe.ts";
import { joiningOutput, timestampOption } from "../discontinuity.ts";
import { runProcess } from "../process.ts";
import { hasPacketTimes } from "../version.ts";
import { sourceInput } from "./command.ts";
import type { WriteJob } from "./write_job.ts";
import { placed, type Placement } from "./placement.ts";
import { isSubtitle } from "./streams.ts";

/** Maximum time in seconds that a subtitle visible at the start of a part may have begun before it. */
const MAX_DURATION = rational(60);

/** Tests whether subtitles must be changed: the video is slower, or a part of the source. */
function isChanged({ from, to, slowdown }: Placement): boolean {
  return from !== undefined || to !== undefined || slowdown.num !== slowdown.den;
}

/**
 * Returns the bitstream filters that adapt subtitles with correct start times: durations become longer with the video, and
 * subtitles are trimmed to the part.
 */
export function subtitleFilter(placement: Placement): string {
  const { to, slowdown } = placement;
  const shown = (duration: string) => `${duration}*${slowdown.num}/${slowdown.den}`;
  const end = to && decimal(placed(placement, to));
  const early = `lt(pts\\,0)*lte(pts+${shown("d")}\\,0)`, late = end ? `+gte(pts\\,${end}/tb)` : "";
  const begins = "max(PTS\\,0)", ends = `PTS+${shown("DURATION")}`;
  const lasts = `${end ? `min(${ends}\\,${end}/TB)` : ends}-${begins}`;
  return `noise=drop='${early}${late}',setts=ts='${begins}':duration='${lasts}'`;
}

/**
 * Writes subtitles with times of the output to a file, and returns its path. They are copied, because some versions lose the
 * last packet of encoded and filtered streams. Returns `undefined` if they must be copied from the source.
 *
 * @param path Where to write.
 */
export async function fitSubtitles(job: WriteJob, placement: Placement, path: string): Promise<string | undefined> {
  const { tools, source, streams, options: { signal } } = job, copies = streams.copies.filter(isSubtitle);
  if (!source || copies.length === 0 || !isChanged(placement) || !hasPacketTimes(tools.version)) return undefined;
  const early = placement.from && subtract(placement.from, MAX_DURATION);
  const from = early && compare(early, source.info.video.start) > 0 ? early : undefined;
  const isMovie = copies.some(({ stream }) => stream.codec_name === "mov_text");
  const { code } = await runProcess(tools.ffmpeg, [
    ...[
      "-nostdin",
      "-v",
      "error",
      "-y",
      ...timestampOption(source.details.joined),
      ...sourceInput(job, placement, from),
    ],
    ...copies.flatMap(({ stream }) => ["-map", `0:${stream.index}`]),
    ...["-c", "copy", "-copypriorss", "1", "-bsf:s", subtitleFilter(placement)],
    ...["-f", isMovie ? "mp4" : "matroska", fileArgument(path)],
    ...joiningOutput(0, source),
  ], { signal });
  return code === 0 ? path : undefined;
}
