import type { Color, Image, PixelFormat } from "@slomo/core";
import { colorMeaning } from "@slomo/core/frames";
import { rangeName, tagArguments } from "../color_tags.ts";
import type { PixelChoice } from "./pixel_choice.ts";

/** Flags of swscale, whose conversions are biased by up to two levels without them. */
const ACCURATE = "flags=accurate_rnd+full_chroma_int+full_chroma_inp+bicubic";

/** Matrices that have another name in the scale filter. */
const SCALE_MATRIX: Readonly<Record<string, string>> = { bt470bg: "bt470", bt2020nc: "bt2020" };

const ROTATION_FILTERS = {
  0: [],
  90: ["transpose=clock"],
  180: ["hflip", "vflip"],
  270: ["transpose=cclock"],
} as const;

/** Filters and options between pipe and encoder. */
export interface VideoFilter {
  /** Filters in order. */
  readonly filters: readonly string[];
  /** Output options with the color tags. */
  readonly options: readonly string[];
  /** Color tags of the encoder's input. */
  readonly color: Color;
}

interface Conversion {
  readonly filter: string;
  readonly color: Color;
}

const equal = (a: PixelFormat, b: PixelFormat) =>
  a.model === b.model && a.depth === b.depth && a.chroma[0] === b.chroma[0] && a.chroma[1] === b.chroma[1] &&
  a.alpha === b.alpha;

/** Returns the conversion to the encoder's layout and the resulting color tags; `undefined` if none is needed. */
function convert(image: Omit<Image, "planes">, { name, layout, readAs }: PixelChoice): Conversion | undefined {
  const isFull = name.startsWith("yuvj");
  if (!layout) return undefined;
  const { format, color } = image, source = colorMeaning(image);
  if (equal(layout, format) && (!isFull || source.range === "full") && !readAs) return undefined;
  const from = `in_range=${rangeName(source.range)}`,
    scale = (...parts: string[]) => `scale=${[ACCURATE, ...parts].join(":")}`;
  const matrix = SCALE_MATRIX[source.matrix] ?? source.matrix;
  if (format.model === "rgb" && layout.model !== "rgb") {
    const range = readAs?.range ?? (isFull ? "full" : "limited"), target = readAs?.matrix ?? "bt709";
    return {
      filter: scale(from, `out_range=${rangeName(range)}`, `out_color_matrix=${SCALE_MATRIX[target] ?? target}`),
      color: { ...color, matrix: target, range, chromaLocation: undefined },
    };
  }
  if (format.model === "yuv" && layout.model === "rgb") {
    return {
      filter: scale(from, `in_color_matrix=${matrix}`, "out_range=pc"),
      color: { ...color, matrix: "gbr", range: "full", chromaLocation: undefined },
    };
  }
  const range = readAs
    ? readAs.range
    : isFull || layout.model === "rgb"
    ? "full"
    : format.model === "gray" && layout.model === "yuv"
    ? color.range ?? "limited"
    : source.range;
  const isTagged = color.range !== undefined || isFull, target = readAs?.matrix;
  const matrices = target ? [`in_color_matrix=${matrix}`, `out_color_matrix=${SCALE_MATRIX[target] ?? target}`] : [];
  return {
    filter: scale(from, `out_range=${rangeName(range)}`, ...matrices),
    color: { ...color, range: isTagged ? range : undefined, ...(target ? { matrix: target } : {}) },
  };
}

/**
 * Returns filters and options that convert frames to the encoder's layout, rotate them and set color tags.
 *
 * @param rotation Clockwise rotation of the pixels in degrees.
 * @param fieldOrder Field order of interlaced frames; `undefined` for progressive ones.
 */
export function videoFilter(
  image: Omit<Image, "planes">,
  pixel: PixelChoice,
  { rotation, fieldOrder }: { readonly rotation: 0 | 90 | 180 | 270; readonly fieldOrder?: "tff" | "bff" | undefined },
): VideoFilter {
  const before = tagArguments(image.color), conversion = convert(image, pixel);
  const after = conversion ? tagArguments(conversion.color) : before;
  const filters = [
    before.filter,
    ...(conversion ? [conversion.filter, `format=${pixel.name}`, after.filter] : []),
    ...ROTATION_FILTERS[rotation],
    fieldOrder && `setparams=field_mode=${fieldOrder}`,
  ].filter((filter) => filter !== undefined);
  return {
    filters,
    options: ["-pix_fmt", pixel.name, ...after.options],
    color: conversion?.color ?? image.color,
  };
}
