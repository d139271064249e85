import { fileArgument, type ProbedFrame, probeFirstFrame, type SideData } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { runProcess } from "./process.ts";
import { uncropped } from "./version.ts";

/** Units of the chromaticities and luminances of a mastering display, fine enough for the digits that are printed. */
const CHROMATICITY = 50_000, LUMINANCE = 10_000;

function masteringDisplay(line: string): SideData {
  const points = { red: "r", green: "g", blue: "b", white_point: "wp" };
  const entries = Object.entries(points).flatMap(([name, letters]) => {
    const [, x, y] = new RegExp(` ${letters}\\(([\\d.]+),? *([\\d.]+)\\)`).exec(line) ?? [];
    const inUnits = (value: string | undefined) => `${Math.round(Number(value) * CHROMATICITY)}/${CHROMATICITY}`;
    return [[`${name}_x`, inUnits(x)], [`${name}_y`, inUnits(y)]];
  });
  const luminance = (name: string) => {
    const value = new RegExp(`${name}_luminance=([\\d.]+)`).exec(line)?.[1];
    return `${Math.round(Number(value) * LUMINANCE)}/${LUMINANCE}`;
  };
  return {
    side_data_type: "Mastering display metadata",
    ...Object.fromEntries(entries),
    min_luminance: luminance("min"),
    max_luminance: luminance("max"),
  };
}

function lightLevel(line: string): SideData {
  const [, content, average] = /MaxCLL=(\d+), MaxFALL=(\d+)/.exec(line) ?? [];
  return {
    side_data_type: "Content light level metadata",
    max_content: Number(content),
    max_average: Number(average),
  };
}

/** Parses the output of the filter `showinfo` for one frame; `undefined` if it printed none. */
export function parseShownFrame(lines: readonly string[]): ProbedFrame | undefined {
  const begin = lines.findIndex((line) => / n: *0 pts:/.test(line)), rest = lines.slice(begin + 1);
  const shown = /pts: *(\S+) .* fmt:(\S+) .*sar:(\d+)\/(\d+) s:(\d+)x(\d+) i:(\S)/.exec(lines[begin] ?? "");
  if (!shown) return undefined;
  const [, pts, format, across, down, width, height, fields] = shown as unknown as readonly string[];
  const find = (text: string) => rest.find((line) => line.toLowerCase().includes(`side data - ${text}`));
  const tag = (name: string) =>
    rest.map((line) => new RegExp(` ${name}:(\\S+)`).exec(line)?.[1]).find((value) => value);
  const display = find("mastering display"), light = find("content light level");
  return {
    ...Number.isInteger(Number(pts)) && { pts: Number(pts) },
    width: Number(width),
    height: Number(height),
    pix_fmt: format!,
    sample_aspect_ratio: `${across}:${down}`,
    interlaced_frame: fields === "P" ? 0 : 1,
    top_field_first: fields === "T" ? 1 : 0,
    color_range: tag("color_range") ?? "unknown",
    color_space: tag("color_space") ?? "unknown",
    color_primaries: tag("color_primaries") ?? "unknown",
    color_transfer: tag("color_trc") ?? "unknown",
    side_data_list: [
      ...display?.includes("has_primaries:1 has_luminance:1") ? [masteringDisplay(display)] : [],
      ...light ? [lightLevel(light)] : [],
    ],
  };
}

/**
 * Returns the properties of the first frame of a stream, as ffmpeg prints them. It is for streams that ffprobe cannot
 * decode: a smaller build of it may lack the decoders of PNG and AV1.
 *
 * @param format Container of the file, if it is known.
 * @returns The frame; `undefined` if ffmpeg cannot decode it either.
 */
export async function showFirstFrame(
  { ffmpeg, version }: FfmpegTools,
  location: string,
  index: number,
  format?: string,
): Promise<ProbedFrame | undefined> {
  const input = [...uncropped(version), ...format ? ["-f", format] : [], "-i", fileArgument(location)];
  const { errors } = await runProcess(ffmpeg, [
    ...["-hide_banner", "-nostdin", "-v", "info", "-nostats", "-noautorotate", "-copyts", ...input],
    ...["-map", `0:${index}`, "-frames:v", "1", "-vf", "trim=end_frame=1,showinfo", "-f", "null", "-"],
  ], { timeout: 60_000 });
  return parseShownFrame(errors);
}

/** Returns the first frame of a stream that ffprobe, or else ffmpeg, can decode; `undefined` if neither can decode any. */
export async function firstFrame(
  tools: FfmpegTools,
  location: string,
  index: number,
  format?: string,
): Promise<ProbedFrame | undefined> {
  return await probeFirstFrame(tools, location, index, format) ?? await showFirstFrame(tools, location, index, format);
}
