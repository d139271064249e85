import type { Image } from "@slomo/core";
import { newPlane, planeSizes } from "@slomo/core/frames";
import type { Tile } from "./grid.ts";

/** The part of a picture that a tile covers; beyond the picture its edge is repeated. `x` and `y` must be whole chroma samples. */
export function cropImage(image: Image, { x, y, width, height }: Tile): Image {
  const { format } = image, from = planeSizes(image.width, image.height, format);
  const planes = planeSizes(width, height, format).map(([columns, rows], plane) => {
    const [wide, high] = from[plane]!, source = image.planes[plane]!, out = newPlane(format.depth, columns * rows);
    const isFull = wide === image.width && high === image.height;
    const left = isFull ? x : x / format.chroma[0], top = isFull ? y : y / format.chroma[1];
    for (let row = 0; row < rows; row++) {
      const begin = Math.min(top + row, high - 1) * wide, end = Math.min(left + columns, wide);
      out.set(source.subarray(begin + left, begin + end), row * columns);
      out.fill(source[begin + wide - 1]!, row * columns + end - left, (row + 1) * columns);
    }
    return out;
  });
  return { ...image, width, height, planes };
}
