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

/*
 * V8 compiles a function while a loop of it runs for this loop only, and discards the result when an outer loop goes on. So
 * functions without inner loops convert the rows: a frame of 864×480 takes 3 ms instead of 20.
 */

function yuvToRgb(image: Image, { toRgb }: Matrix, q: Quantization, rgb: Float32Array): void {
  const { width, height, planes, format: { chroma: [stepX, stepY] } } = image;
  const chromaWidth = Math.ceil(width / stepX);
  const factors = toRgb.flat().map((x) => x / q.chromaScale);
  for (let y = 0; y < height; y++) {
    yuvRowToRgb(planes, y * width, width, Math.floor(y / stepY) * chromaWidth, stepX, factors, q, rgb);
  }
}

/** Converts the row that begins with the pixel `start` and the chroma sample `startOfChroma`. */
function yuvRowToRgb(
  [luma, first, second]: readonly Plane[],
  start: number,
  width: number,
  startOfChroma: number,
  stepX: number,
  [ru, rv, gu, gv, bu, bv]: readonly number[],
  { offset, chromaOffset, scale: codes }: Quantization,
  rgb: Float32Array,
): void {
  const scale = 1 / codes;
  let r = 0, g = 0, b = 0, left = 0, k = startOfChroma;
  for (let i = start, end = start + width, o = 3 * start; i < end; i++, o += 3) {
    if (left === 0) {
      const u = first![k]! - chromaOffset, v = second![k]! - chromaOffset;
      r = ru! * u + rv! * v;
      g = gu! * u + gv! * v;
      b = bu! * u + bv! * v;
      left = stepX;
      k++;
    }
    left--;
    const l = (luma![i]! - offset) * scale;
    rgb[o] = l + r;
    rgb[o + 1] = l + g;
    rgb[o + 2] = l + b;
  }
}

function rgbToYuv(rgb: Float32Array, like: Omit<Image, "planes">, { toYuv }: Matrix, q: Quantization): Plane[] {
  const { width, height, format: { depth, chroma: [stepX, stepY] } } = like, max = 2 ** depth - 1;
  const chromaWidth = Math.ceil(width / stepX), chromaHeight = Math.ceil(height / stepY);
  const luma = newPlane(depth, width * height);
  const first = newPlane(depth, chromaWidth * chromaHeight), second = newPlane(depth, first.length);
  const factors = toYuv[0].map((x) => x * q.scale), offset = q.offset + 0.5;
  for (let y = 0; y < height; y++) rgbRowToLuma(rgb, y * width, width, factors, offset, max, luma);
  const sums = new Float64Array(3 * chromaWidth);
  for (let j = 0; j < chromaHeight; j++) {
    const top = j * stepY, bottom = Math.min(top + stepY, height);
    sums.fill(0);
    for (let y = top; y < bottom; y++) {
      for (let x = 0; x < stepX; x++) addPixels(rgb, y * width + x, (y + 1) * width, stepX, sums);
    }
    const start = j * chromaWidth, rows = bottom - top;
    sumsToChroma(sums, start, width, rows, stepX, toYuv[1], q, max, first);
    sumsToChroma(sums, start, width, rows, stepX, toYuv[2], q, max, second);
  }
  return [luma, first, second];
}

function rgbRowToLuma(
  rgb: Float32Array,
  start: number,
  width: number,
  [yr, yg, yb]: readonly number[],
  offset: number,
  max: number,
  luma: Plane,
): void {
  // Not `max` itself, for which V8 would make an object per sample, as it may be an integer; samples are truncated.
  const limit = max + 0.5;
  for (let i = start, end = start + width, o = 3 * start; i < end; i++, o += 3) {
    const value = yr! * rgb[o]! + yg! * rgb[o + 1]! + yb! * rgb[o + 2]! + offset;
    luma[i] = value < 0 ? 0 : value > limit ? limit : value;
  }
}

/** Adds every `stepX`-th pixel from `start` to `end` to the sums of R, G and B of its chroma sample. */
function addPixels(rgb: Float32Array, start: number, end: number, stepX: number, sums: Float64Array): void {
  for (let o = 3 * start, s = 0; o < 3 * end; o += 3 * stepX, s += 3) {
    sums[s]! += rgb[o]!;
    sums[s + 1]! += rgb[o + 1]!;
    sums[s + 2]! += rgb[o + 2]!;
  }
}

/** Writes a row of a chroma plane from `start` on: the means of its pixels, in `rows` rows and `stepX` columns. */
function sumsToChroma(
  sums: Float64Array,
  start: number,
  width: number,
  rows: number,
  stepX: number,
  [ofR, ofG, ofB]: readonly number[],
  { chromaScale, chromaOffset }: Quantization,
  max: number,
  plane: Plane,
): void {
  const offset = chromaOffset + 0.5, limit = max + 0.5, whole = chromaScale / (rows * stepX);
  const last = sums.length - 3, atEnd = chromaScale / (rows * (width - stepX * last / 3));
  for (let s = 0, k = start; s < sums.length; s += 3, k++) {
    const sum = ofR! * sums[s]! + ofG! * sums[s + 1]! + ofB! * sums[s + 2]!;
    const value = sum * (s === last ? atEnd : whole) + offset;
    plane[k] = value < 0 ? 0 : value > limit ? limit : value;
  }
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
