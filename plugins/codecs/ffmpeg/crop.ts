import type { PixelFormat } from "@slomo/core";
import type { ProbedStream } from "./ffprobe.ts";

/** A part of a stored picture. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The part of the pictures that the container shows (`clap` of mov, `PixelCrop…` of Matroska), `undefined` for all of them; its
 * corner is moved to whole chroma samples. Before 7.1, ffprobe does not tell of it.
 */
export function cropOf(
  { side_data_list }: ProbedStream,
  size: { readonly width: number; readonly height: number },
  { chroma }: PixelFormat,
  isInterlaced: boolean,
): Crop | undefined {
  const data = side_data_list?.find(({ side_data_type }) => side_data_type === "Frame Cropping");
  if (!data) return undefined;
  const cut = (side: "left" | "right" | "top" | "bottom") => Number(data[`crop_${side}`] ?? 0);
  const left = cut("left"), top = cut("top");
  const width = size.width - left - cut("right"), height = size.height - top - cut("bottom");
  const stepY = chroma[1] * (isInterlaced ? 2 : 1);
  const isWhole = width === size.width && height === size.height;
  return isWhole || !(width > 0 && height > 0)
    ? undefined
    : { left: left - left % chroma[0], top: top - top % stepY, width, height };
}

/** The filter that cuts a picture. */
export function cropFilter({ left, top, width, height }: Crop): string {
  return `crop=${width}:${height}:${left}:${top}:exact=1`;
}
