import type { Image, Plane } from "@slomo/core";
import { planeSizes } from "@slomo/core/frames";

/** Indices of planes (R, G, B, alpha) in ffmpeg's order (G, B, R, alpha). */
const GBR = [1, 2, 0, 3];

/** Returns the size of an image's planes without padding, in bytes. */
export function imageByteLength({ width, height, format }: Omit<Image, "planes">): number {
  return planeSizes(width, height, format).reduce((sum, [w, h]) => sum + w * h, 0) * (format.depth > 8 ? 2 : 1);
}

/**
 * Returns the image in raw bytes, in ffmpeg's planar layout without padding. The planes are views of `bytes`.
 *
 * @throws {RangeError} If the length of `bytes` does not match size and layout.
 */
export function imageFromBytes(bytes: Uint8Array<ArrayBuffer>, like: Omit<Image, "planes">): Image {
  const lengths = planeSizes(like.width, like.height, like.format).map(([w, h]) => w * h);
  const width = like.format.depth > 8 ? 2 : 1, size = imageByteLength(like);
  if (bytes.length !== size) {
    throw new RangeError(`image: ${like.width}×${like.height} needs ${size} bytes, got ${bytes.length}`);
  }
  let at = bytes.byteOffset;
  const stored = lengths.map((length): Plane => {
    const plane = width === 2 ? new Uint16Array(bytes.buffer, at, length) : new Uint8Array(bytes.buffer, at, length);
    at += length * width;
    return plane;
  });
  const planes = like.format.model === "rgb" ? stored.map((_, index) => stored[GBR.indexOf(index)]!) : stored;
  return { ...like, planes };
}

/** Returns the bytes of an image's planes in ffmpeg's order, as views. */
export function bytesOfImage({ format, planes }: Image): Uint8Array<ArrayBuffer>[] {
  const ordered = format.model === "rgb" ? planes.map((_, index) => planes[GBR[index]!]!) : planes;
  return ordered.map((plane) => new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength));
}

/**
 * Returns an 8-bit RGB image as packed bytes.
 *
 * @throws {RangeError} If it has another format.
 */
export function packedRgb({ format, planes }: Image): Uint8Array<ArrayBuffer> {
  if (format.model !== "rgb" || format.depth !== 8 || format.alpha) {
    throw new RangeError(`frames must be 8-bit RGB, got ${format.depth}-bit ${format.model}`);
  }
  const levels = new Uint8Array(3 * planes[0]!.length);
  planes.forEach((plane, channel) => {
    for (let i = 0, to = channel; i < plane.length; i++, to += 3) levels[to] = plane[i]!;
  });
  return levels;
}
