import type { Colour } from "@slomo/core";
import type { ProbedFrame, ProbedStream } from "./ffprobe.ts";

const said = (value: string | undefined): string | undefined =>
  value === undefined || /^(unknown|unspecified|reserved|unspecified value)$/.test(value) ? undefined : value;

/** The colour tags of a stream; what only its first frame says is taken from there. */
export function colourOf(stream: ProbedStream, frame: ProbedFrame | undefined): Colour {
  const tag = (name: "color_space" | "color_primaries" | "color_transfer" | "chroma_location") =>
    said(stream[name]) ?? said(frame?.[name]);
  const range = said(stream.color_range) ?? said(frame?.color_range);
  const isFull = range === "pc" || range === "jpeg" || stream.pix_fmt?.startsWith("yuvj");
  return {
    matrix: tag("color_space"),
    range: isFull ? "full" : range ? "limited" : undefined,
    primaries: tag("color_primaries"),
    transfer: tag("color_transfer"),
    chromaLocation: tag("chroma_location"),
  };
}

/** ffmpeg's name of a range. */
export function rangeName(range: "limited" | "full"): string {
  return range === "full" ? "pc" : "tv";
}

/**
 * The tags as a `setparams` filter and as output options. Both are needed: up to ffmpeg 7 the filter alone loses them, from
 * ffmpeg 8 on the options alone convert the pixels. Tags that are absent are left alone.
 */
export function tagArguments(
  colour: Colour,
): { readonly filter: string | undefined; readonly options: readonly string[] } {
  const range = colour.range && rangeName(colour.range);
  const tags = [
    ["range", "-color_range", range],
    ["color_primaries", "-color_primaries", colour.primaries],
    ["color_trc", "-color_trc", colour.transfer],
    ["colorspace", "-colorspace", colour.matrix],
  ] as const;
  // The option knows the matrix of RGB by another name than the filter.
  const named = (option: string, value: string) => option === "-colorspace" && value === "gbr" ? "rgb" : value;
  const present = tags.filter(([, , value]) => value !== undefined);
  const location = colour.chromaLocation === undefined ? [] : ["-chroma_sample_location", colour.chromaLocation];
  return {
    filter: present.length === 0
      ? undefined
      : `setparams=${present.map(([name, , value]) => `${name}=${value}`).join(":")}`,
    options: [...present.flatMap(([, option, value]) => [option, named(option, value!)]), ...location],
  };
}
