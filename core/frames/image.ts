import type { Image, PixelFormat, Plane } from "../contracts/frame.ts";

/** Returns a plane of `length` zeros, in the array type for `depth` bits per sample. */
export function newPlane(depth: number, length: number): Plane {
  return depth > 8 ? new Uint16Array(length) : new Uint8Array(length);
}

/** Returns the width and height of each plane, in the order of {@linkcode Image.planes}. */
export function planeSizes(width: number, height: number, format: PixelFormat): readonly (readonly [number, number])[] {
  const full = [width, height] as const;
  const chroma = [Math.ceil(width / format.chroma[0]), Math.ceil(height / format.chroma[1])] as const;
  const colors = format.model === "gray"
    ? [full]
    : format.model === "rgb"
    ? [full, full, full]
    : [full, chroma, chroma];
  return format.alpha ? [...colors, full] : colors;
}

/**
 * Checks that the planes match the size and pixel format of an image.
 *
 * @throws {RangeError} If their number, length or array type is wrong.
 */
export function checkImage({ width, height, format, planes }: Image): void {
  const sizes = planeSizes(width, height, format);
  if (planes.length !== sizes.length) {
    throw new RangeError(`image: ${format.model} needs ${sizes.length} planes, got ${planes.length}`);
  }
  sizes.forEach(([w, h], i) => {
    const plane = planes[i]!, bytes = format.depth > 8 ? 2 : 1;
    if (plane.length !== w * h || plane.BYTES_PER_ELEMENT !== bytes) {
      throw new RangeError(
        `image: plane ${i} must hold ${w * h} samples of ${bytes} bytes, ` +
          `got ${plane.length} of ${plane.BYTES_PER_ELEMENT}`,
      );
    }
  });
}
