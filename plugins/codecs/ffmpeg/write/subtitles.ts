import { compare, rational, subtract } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import { fileArgument } from "../ffprobe.ts";
import { clockOption, joinedOutput } from "../discontinuity.ts";
import { runProcess } from "../process.ts";
import { hasPacketTimes } from "../version.ts";
import { sourceInput } from "./command.ts";
import type { WriteJob } from "./write_job.ts";
import { placed, type Placement } from "./placement.ts";
import { isSubtitle } from "./streams.ts";

/** How long before a part's beginning, in seconds, a line of text may have begun that is still shown in it. */
const SHOWN_AT_MOST = rational(60);

/** Whether subtitles cannot go along as they are: the video is slower, or a part of its source. */
function isChanged({ from, to, slowdown }: Placement): boolean {
  return from !== undefined || to !== undefined || slowdown.num !== slowdown.den;
}

/**
 * The bitstream filters that fit subtitles, whose beginnings are in place already, to the video: each is shown as much longer
 * as the video became, and a part of a video shows of each what falls into it.
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
 * Writes the subtitles that go along into a file of their own, at their times in the output. They are copied there, as some
 * versions lose the last packet of what is encoded and filtered. `undefined` where they can go along as they are, or have to.
 *
 * @param path Where to write.
 */
export async function fitSubtitles(job: WriteJob, placement: Placement, path: string): Promise<string | undefined> {
  const { tools, source, streams, options: { signal } } = job, copies = streams.copies.filter(isSubtitle);
  if (!source || copies.length === 0 || !isChanged(placement) || !hasPacketTimes(tools.version)) return undefined;
  const early = placement.from && subtract(placement.from, SHOWN_AT_MOST);
  const from = early && compare(early, source.info.video.start) > 0 ? early : undefined;
  const isMovie = copies.some(({ stream }) => stream.codec_name === "mov_text");
  const { code } = await runProcess(tools.ffmpeg, [
    ...["-nostdin", "-v", "error", "-y", ...clockOption(source.details.joined), ...sourceInput(job, placement, from)],
    ...copies.flatMap(({ stream }) => ["-map", `0:${stream.index}`]),
    ...["-c", "copy", "-copypriorss", "1", "-bsf:s", subtitleFilter(placement)],
    ...["-f", isMovie ? "mp4" : "matroska", fileArgument(path)],
    ...joinedOutput(0, source),
  ], { signal });
  return code === 0 ? path : undefined;
}
