import type { Image } from "@slomo/core";
import { imageToRgb } from "@slomo/core/frames";

/** A picture as it is measured and shown: 8-bit RGB, [H, W, 3] row by row. */
export interface Picture {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** `3 · width · height` levels. */
  readonly levels: Uint8Array<ArrayBuffer>;
}

/** An image of any format as 8-bit RGB, each value rounded to the nearest level and clipped. Alpha is left out. */
export function pictureOf(image: Image): Picture {
  const rgb = imageToRgb(image), levels = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i++) {
    const level = rgb[i]! * 255 + 0.5;
    levels[i] = level < 0 ? 0 : level > 255 ? 255 : level;
  }
  return { width: image.width, height: image.height, levels };
}

/** The picture as an image of three planes, full range, as codecs and engines take it. */
export function imageOfPicture({ width, height, levels }: Picture): Image {
  const planes = [0, 1, 2].map((channel) => {
    const plane = new Uint8Array(width * height);
    for (let i = 0, from = channel; i < plane.length; i++, from += 3) plane[i] = levels[from]!;
    return plane;
  });
  const format = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width, height, format, color: { range: "full" }, planes };
}
