/** Lossless conversion between the integer planes of a source and the float RGB of networks. */
import type { Image, Plane } from "../contracts/frame.ts";
import { checkImage, newPlane } from "./image.ts";
import { colorMeaning, type Matrix, matrixOf } from "./matrix.ts";

/** Quantization of one bit depth and range: sample = value · scale + offset, as in H.273, equations 20 to 31. */
interface Quantization {
  readonly offset: number;
  readonly scale: number;
  readonly chromaOffset: number;
  readonly chromaScale: number;
}

function quantizationOf(depth: number, range: "limited" | "full"): Quantization {
  const unit = 2 ** (depth - 8), max = 2 ** depth - 1, chromaOffset = 128 * unit;
  return range === "full"
    ? { offset: 0, scale: max, chromaOffset, chromaScale: max }
    : { offset: 16 * unit, scale: 219 * unit, chromaOffset, chromaScale: 224 * unit };
}

/**
 * Converts an image to interleaved RGB [H, W, 3], nominally in [0, 1]. Samples beyond black and white, and colors outside of
 * RGB, exceed this range, so that {@linkcode rgbToImage} restores every sample. Chroma is upsampled to the nearest sample;
 * alpha is left out.
 *
 * @param out Array of `3 · width · height` values for the result. @default {a new array}
 * @returns `out`.
 * @throws {UsageError} If the color matrix is not one of those in {@linkcode colorMeaning}.
 * @throws {RangeError} If the planes or `out` do not have the size of the image.
 */
export function imageToRgb(image: Image, out?: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  checkImage(image);
  const size = image.width * image.height * 3;
  const rgb = out ?? new Float32Array(size);
  if (rgb.length !== size) throw new RangeError(`imageToRgb: out must hold ${size} values, got ${rgb.length}`);
  const { matrix, range } = colorMeaning(image);
  const q = quantizationOf(image.format.depth, range);
  if (image.format.model === "yuv") yuvToRgb(image, matrixOf(matrix), q, rgb);
  else if (image.format.model === "rgb") { for (let c = 0; c < 3; c++) spread(image.planes[c]!, q, rgb, 3, c); }
  else for (let c = 0; c < 3; c++) spread(image.planes[0]!, q, rgb, 3, c);
  return rgb;
}

/**
 * Converts RGB to an image of the size, pixel format and color of `like`. Samples are rounded to the nearest integer and
 * clipped to the bit depth. A chroma sample is the mean of its pixels.
 *
 * @param rgb Interleaved RGB [H, W, 3], nominally in [0, 1].
 * @param alpha Alpha [H, W] in [0, 1], required if the pixel format has alpha.
 * @throws {UsageError} If the color matrix is not one of those in {@linkcode colorMeaning}.
 * @throws {RangeError} If `rgb` or `alpha` do not have the size of `like`.
 */
export function rgbToImage(rgb: Float32Array, like: Omit<Image, "planes">, alpha?: Float32Array): Image {
  const { width, height, format, color } = like;
  const size = width * height;
  if (rgb.length !== 3 * size) throw new RangeError(`rgbToImage: rgb must hold ${3 * size} values, got ${rgb.length}`);
  if (format.alpha && alpha?.length !== size) {
    throw new RangeError(`rgbToImage: alpha must hold ${size} values, got ${alpha?.length ?? "none"}`);
  }
  const { matrix, range } = colorMeaning(like);
  const q = quantizationOf(format.depth, range);
  const planes: Plane[] = [];
  if (format.model === "yuv") planes.push(...rgbToYuv(rgb, like, matrixOf(matrix), q));
  else if (format.model === "rgb") { for (let c = 0; c < 3; c++) planes.push(gather(rgb, format.depth, q, 3, c)); }
  else planes.push(gather(meanOfChannels(rgb), format.depth, q, 1, 0));
  if (format.alpha) planes.push(gather(alpha!, format.depth, quantizationOf(format.depth, "full"), 1, 0));
  return { width, height, format, color, planes };
}

function yuvToRgb(image: Image, { toRgb }: Matrix, q: Quantization, rgb: Float32Array): void {
  const { width, height, format: { chroma: [stepX, stepY] } } = image;
  const [luma, first, second] = image.planes as [Plane, Plane, Plane];
  const { offset, chromaOffset } = q, scale = 1 / q.scale;
  const [ru, rv, gu, gv, bu, bv] = toRgb.flat().map((x) => x / q.chromaScale) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const chromaWidth = Math.ceil(width / stepX);
  for (let y = 0, i = 0, o = 0; y < height; y++) {
    let k = Math.floor(y / stepY) * chromaWidth;
    for (const rowEnd = i + width; i < rowEnd; k++) {
      const u = first[k]! - chromaOffset, v = second[k]! - chromaOffset;
      const r = ru * u + rv * v, g = gu * u + gv * v, b = bu * u + bv * v;
      for (const end = Math.min(i + stepX, rowEnd); i < end; i++, o += 3) {
        const l = (luma[i]! - offset) * scale;
        rgb[o] = l + r;
        rgb[o + 1] = l + g;
        rgb[o + 2] = l + b;
      }
    }
  }
}

function rgbToYuv(rgb: Float32Array, like: Omit<Image, "planes">, { toYuv }: Matrix, q: Quantization): Plane[] {
  const { width, height, format: { depth, chroma: [stepX, stepY] } } = like;
  const max = 2 ** depth - 1, offset = q.offset + 0.5, chromaOffset = q.chromaOffset + 0.5;
  const chromaWidth = Math.ceil(width / stepX), chromaHeight = Math.ceil(height / stepY);
  const luma = newPlane(depth, width * height);
  const first = newPlane(depth, chromaWidth * chromaHeight), second = newPlane(depth, first.length);
  const [yr, yg, yb] = toYuv[0].map((x) => x * q.scale) as [number, number, number];
  for (let i = 0, o = 0; i < luma.length; i++, o += 3) {
    const value = yr * rgb[o]! + yg * rgb[o + 1]! + yb * rgb[o + 2]! + offset;
    luma[i] = value < 0 ? 0 : value > max ? max : value;
  }
  for (let j = 0, k = 0; j < chromaHeight; j++) {
    const top = j * stepY, bottom = Math.min(top + stepY, height);
    for (let left = 0; left < width; left += stepX, k++) {
      const right = Math.min(left + stepX, width);
      let r = 0, g = 0, b = 0;
      for (let y = top; y < bottom; y++) {
        for (let o = (y * width + left) * 3, end = o + (right - left) * 3; o < end; o += 3) {
          r += rgb[o]!;
          g += rgb[o + 1]!;
          b += rgb[o + 2]!;
        }
      }
      const scale = q.chromaScale / ((bottom - top) * (right - left));
      const u = (toYuv[1][0] * r + toYuv[1][1] * g + toYuv[1][2] * b) * scale + chromaOffset;
      const v = (toYuv[2][0] * r + toYuv[2][1] * g + toYuv[2][2] * b) * scale + chromaOffset;
      first[k] = u < 0 ? 0 : u > max ? max : u;
      second[k] = v < 0 ? 0 : v > max ? max : v;
    }
  }
  return [luma, first, second];
}

/** Writes a plane to one channel of interleaved values. */
function spread(plane: Plane, q: Quantization, out: Float32Array, channels: number, channel: number): void {
  const { offset } = q, scale = 1 / q.scale;
  for (let i = 0, o = channel; i < plane.length; i++, o += channels) out[o] = (plane[i]! - offset) * scale;
}

/** Reads one channel of interleaved values into a plane, rounded and clipped. */
function gather(values: Float32Array, depth: number, q: Quantization, channels: number, channel: number): Plane {
  const plane = newPlane(depth, values.length / channels);
  const { scale } = q, max = 2 ** depth - 1, offset = q.offset + 0.5;
  for (let i = 0, o = channel; i < plane.length; i++, o += channels) {
    const value = values[o]! * scale + offset;
    plane[i] = value < 0 ? 0 : value > max ? max : value;
  }
  return plane;
}

function meanOfChannels(rgb: Float32Array): Float32Array {
  const mean = new Float32Array(rgb.length / 3);
  for (let i = 0, o = 0; i < mean.length; i++, o += 3) mean[i] = (rgb[o]! + rgb[o + 1]! + rgb[o + 2]!) / 3;
  return mean;
}

/** Returns the straight alpha [H, W] of an image, in [0, 1]; `undefined` if its pixel format has none. */
export function alphaOf({ format, planes }: Image): Float32Array<ArrayBuffer> | undefined {
  if (!format.alpha) return undefined;
  const plane = planes.at(-1)!, alpha = new Float32Array(plane.length);
  spread(plane, quantizationOf(format.depth, "full"), alpha, 1, 0);
  return alpha;
}
