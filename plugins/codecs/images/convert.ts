import { alphaOf, imageToRgb, rgbToImage } from "@slomo/core/frames";
import type { Image } from "@slomo/core";

/** Size, layout and color of an image. */
export type ImageLike = Omit<Image, "planes">;

function isSame(a: ImageLike, b: ImageLike): boolean {
  const f = a.format, g = b.format;
  return f.model === g.model && f.depth === g.depth && f.alpha === g.alpha && f.chroma[0] === g.chroma[0] &&
    f.chroma[1] === g.chroma[1] && a.color.matrix === b.color.matrix && a.color.range === b.color.range;
}

/** Converts an image to another layout and color of the same size; returns the image itself if they are equal. */
export function convertImage(image: Image, target: ImageLike): Image {
  if (isSame(image, target)) return image;
  const alpha = target.format.alpha
    ? alphaOf(image) ?? new Float32Array(image.width * image.height).fill(1)
    : undefined;
  return rgbToImage(imageToRgb(image), target, alpha);
}
