import { add, compare, divide, type Rational, rational, subtract } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import { fileArgument } from "../ffprobe.ts";
import { joiningOutput, timestampOption } from "../discontinuity.ts";
import { processError, runProcess } from "../process.ts";
import { hasPacketTimes } from "../version.ts";
import { sourceInput } from "./command.ts";
import type { WriteJob } from "./write_job.ts";
import { inSource, lastSpeed, placed, type Placement } from "./placement.ts";
import { isSubtitle } from "./streams.ts";

/** Maximum time in seconds that a subtitle visible at the start of a part may have begun before it. */
const MAX_DURATION = rational(60);

/** Tests whether subtitles must be changed: the video is slower, or a part of the source. */
function isChanged({ from, to, slowdown, retiming }: Placement): boolean {
  return from !== undefined || to !== undefined || slowdown.num !== slowdown.den || retiming !== undefined;
}

/** Returns an expression for the output time of a time in the source, in seconds: a sum over the lines of the map. */
function retimedExpression(placement: Placement, time: string): string {
  const { map: { points }, start } = placement.retiming!, number = (value: Rational) => decimal(value, 9);
  const at = (source: Rational) => add(start, source), first = points[0]!, last = points.at(-1)!;
  const constant = placed(placement, at(first.source));
  const terms = [number(constant), `min(${time}-${number(at(first.source))}\\,0)`];
  for (const [i, { source, output }] of points.slice(1).entries()) {
    const before = points[i]!, length = subtract(source, before.source), shown = subtract(output, before.output);
    const begin = number(at(before.source));
    if (length.num === 0n) terms.push(`${number(shown)}*gt(${time}\\,${begin})`);
    else terms.push(`${number(divide(shown, length))}*clip(${time}-${begin}\\,0\\,${number(length)})`);
  }
  const rest = divide(rational(1), lastSpeed(placement.retiming!));
  terms.push(`${number(rest)}*max(${time}-${number(at(last.source))}\\,0)`);
  return `(${terms.join("+")})`;
}

/** Returns the bitstream filters that place subtitles with the times of the source by a time map, and trim them to the part. */
function retimedSubtitleFilter(placement: Placement): string {
  const { to } = placement, zero = inSource(placement, rational(0)), end = to && decimal(placed(placement, to));
  const early = `lte((pts+d)*tb\\,${decimal(zero)})`, late = to ? `+gte(pts*tb\\,${decimal(to)})` : "";
  const begins = `max(${retimedExpression(placement, "PTS*TB")}\\,0)`,
    ends = retimedExpression(placement, "(PTS+DURATION)*TB");
  const lasts = `${end ? `min(${ends}\\,${end})` : ends}-${begins}`;
  return `noise=drop='${early}${late}',setts=ts='${begins}/TB':duration='(${lasts})/TB'`;
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
  const exit = await runProcess(tools.ffmpeg, [
    ...[
      "-nostdin",
      "-v",
      "error",
      "-y",
      ...timestampOption(source.details.joined),
      // Without an origin and a slowdown, timestamps stay: the filter changes them.
      ...sourceInput(job, placement.retiming ? { ...placement, origin: rational(0) } : placement, from),
    ],
    ...copies.flatMap(({ stream }) => ["-map", `0:${stream.index}`]),
    ...["-c", "copy", "-copypriorss", "1", "-bsf:s"],
    placement.retiming ? retimedSubtitleFilter(placement) : subtitleFilter(placement),
    ...["-f", isMovie ? "mp4" : "matroska", fileArgument(path)],
    ...joiningOutput(0, source),
  ], { signal });
  if (exit.code === 0) return path;
  // Copied from the source, they would be shown at wrong times.
  if (placement.retiming) throw processError(tools.ffmpeg, exit, `placing the subtitles of ${source.info.location}`);
  return undefined;
}
