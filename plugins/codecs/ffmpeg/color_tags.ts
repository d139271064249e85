import type { Color } from "@slomo/core";
import type { ProbedFrame, ProbedStream } from "./ffprobe.ts";

const specified = (value: string | undefined): string | undefined =>
  value === undefined || /^(unknown|unspecified|reserved|unspecified value)$/.test(value) ? undefined : value;

/**
 * Returns the color tags of a stream: those of its first frame, as the decoder sets them, and for tags that the frame lacks,
 * the stream's. From 8.1 on, ffprobe shows the container's tags as the stream's, even if the decoder overrides them.
 */
export function colorOf(stream: ProbedStream, frame: ProbedFrame | undefined): Color {
  const tag = (name: "color_space" | "color_primaries" | "color_transfer" | "chroma_location") =>
    specified(frame?.[name]) ?? specified(stream[name]);
  const range = specified(frame?.color_range) ?? specified(stream.color_range);
  const isFull = range === "pc" || range === "jpeg" || stream.pix_fmt?.startsWith("yuvj");
  return {
    matrix: tag("color_space"),
    range: isFull ? "full" : range ? "limited" : undefined,
    primaries: tag("color_primaries"),
    transfer: tag("color_transfer"),
    chromaLocation: tag("chroma_location"),
  };
}

/** Names of tag values in output options that differ from those of ffprobe and the filter. */
const OPTION_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "-color_trc": { bt470m: "gamma22", bt470bg: "gamma28" },
  "-colorspace": { gbr: "rgb" },
};

/** Tags of camera makers, which no bitstream stores: ffmpeg refuses them as options of an encoder. */
const NOT_STORED: readonly string[] = ["vlog", "vgamut"];

/** Returns ffmpeg's name of a range. */
export function rangeName(range: "limited" | "full"): string {
  return range === "full" ? "pc" : "tv";
}

/**
 * Returns color tags as a `setparams` filter and as output options. Both are needed: up to ffmpeg 7 the filter alone loses
 * the tags, and from ffmpeg 8 on the options alone convert the pixels. Absent tags, and those that no bitstream stores, are not set.
 */
export function tagArguments(
  color: Color,
): { readonly filter: string | undefined; readonly options: readonly string[] } {
  const range = color.range && rangeName(color.range);
  const tags = [
    ["range", "-color_range", range],
    ["color_primaries", "-color_primaries", color.primaries],
    ["color_trc", "-color_trc", color.transfer],
    ["colorspace", "-colorspace", color.matrix],
  ] as const;
  const present = tags.filter(([, , value]) => value !== undefined && !NOT_STORED.includes(value));
  const location = color.chromaLocation === undefined ? [] : ["-chroma_sample_location", color.chromaLocation];
  return {
    filter: present.length === 0
      ? undefined
      : `setparams=${present.map(([name, , value]) => `${name}=${value}`).join(":")}`,
    options: [
      ...present.flatMap(([, option, value]) => [option, OPTION_NAMES[option]?.[value!] ?? value!]),
      ...location,
    ],
  };
}
