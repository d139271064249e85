import type { PixelFormat } from "@slomo/core";
import type { ProbedStream } from "./ffprobe.ts";

/** A region of a stored frame, in pixels. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the region of the frames that the container shows (`clap` in mov, `PixelCrop…` in Matroska), or `undefined` for
 * whole frames. Its corner is moved to a whole chroma sample. Before 7.1, ffprobe does not report cropping.
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

/** Returns the filter that crops a frame. */
export function cropFilter({ left, top, width, height }: Crop): string {
  return `crop=${width}:${height}:${left}:${top}:exact=1`;
}
