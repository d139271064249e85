/** Restoration of repeating textures in interpolated frames, which networks tear apart. */
import type { Image, Plane } from "../../contracts/frame.ts";
import { planeSizes } from "../image.ts";
import { type Box, enlargeBox } from "../masks.ts";
import { type Luma, lumaOf, sampleAt, type Vector } from "./luma.ts";
import { coverAt, FREE, UNKNOWN } from "./objects.ts";
import { periodicBlocks } from "./periodic_blocks.ts";
import { findRegions, type Region } from "./region.ts";
import type { RegionMotion } from "./region_motion.ts";

/** Repeating textures of a frame pair. */
export interface Patterns {
  /** Regions that move as a whole. */
  readonly regions: readonly Region[];
  readonly first: Luma;
  readonly second: Luma;
}

/** Error that a restored texture may have in comparison to blending if another displacement is the true one: 0.7 dB. */
const LARGEST_ERROR = 10 ** 0.07;

/** Largest difference of an object in two frames that is restored too, in intensity levels. */
const SAME_OBJECT = 12;

/** Width of the soft edge of a region in pixels. */
const EDGE = 2;

/**
 * Finds the repeating textures of a frame pair, such as stripes, grids and blinds, that stand still or move as a whole.
 * Returns `undefined` if there are none, as in most video.
 */
export function findPatterns(first: Image, second: Image): Patterns | undefined {
  const luma = lumaOf(first), periodic = periodicBlocks(luma);
  if (!periodic) return undefined;
  const other = lumaOf(second), regions = findRegions(luma, other, periodic);
  return regions.length > 0 ? { regions, first: luma, second: other } : undefined;
}

/**
 * Returns the share of the displaced texture in a mean with blending, at which no other displacement that explains the frames
 * has a larger error than allowed. Periods are ambiguous: a texture that moves by half of one looks the same in both
 * directions.
 */
function certainty({ first, second }: Patterns, { shift, aliases, samples }: RegionMotion, t: number): number {
  const mean = (x: number, y: number, [dx, dy]: Vector) =>
    (1 - t) * sampleAt(first, x - t * dx, y - t * dy) + t * sampleAt(second, x + (1 - t) * dx, y + (1 - t) * dy);
  let share = 1;
  for (const alias of aliases) {
    // The error of share · texture + (1 - share) · blending is that of blending, plus share · their difference.
    let changes = 0, products = 0, errors = 0;
    for (const [x, y] of samples) {
      const blending = mean(x, y, [0, 0]), change = mean(x, y, shift) - blending, error = blending - mean(x, y, alias);
      changes += change * change;
      products += change * error;
      errors += error * error;
    }
    const allowed = (LARGEST_ERROR - 1) * errors;
    if (changes + 2 * products <= allowed) continue;
    share = Math.min(share, (Math.sqrt(products * products + changes * allowed) - products) / changes);
  }
  return Math.max(0, share);
}

/** Restoration of a region in an interpolated frame. */
interface Restoration {
  /** Box around the pixels that are restored. */
  readonly box: Box;
  /** Share of the restored texture, from 0 to 1. */
  readonly restored: Float32Array;
  /** Share of the first frame in it. */
  readonly first: Float32Array;
  /** Number of the object that covers the texture, from 1; 0 where none does. */
  readonly object: Uint8Array;
}

/** Averages the neighborhoods of a plane in a box, in place; edges are repeated. */
function soften(values: Float32Array, width: number, { left, top, right, bottom }: Box): void {
  const side = 2 * EDGE + 1, columns = right - left, rows = bottom - top, origin = top * width + left;
  const line = new Float32Array(Math.max(columns, rows) + side);
  for (const [count, length, stride, step] of [[rows, columns, width, 1], [columns, rows, 1, width]] as const) {
    for (let n = 0; n < count; n++) {
      const start = origin + n * stride;
      for (let i = 0; i < length; i++) line[i + EDGE] = values[start + i * step]!;
      line.fill(line[EDGE]!, 0, EDGE).fill(line[length + EDGE - 1]!, length + EDGE);
      let sum = 0;
      for (let i = 0; i < side - 1; i++) sum += line[i]!;
      for (let i = 0; i < length; i++) {
        sum += line[i + side - 1]!;
        values[start + i * step] = sum / side;
        sum -= line[i]!;
      }
    }
  }
}

const isInside = ({ width, height }: Luma, x: number, y: number) =>
  x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1;

function restorationAt(
  { motion: { shift: [dx, dy] }, box: inside, mask, coveredFirst, coveredSecond, objects }: Region,
  { first: luma, second: other }: Patterns,
  t: number,
): Restoration | undefined {
  const { width, height } = luma, size = { columns: width, rows: height }, cover = objects && coverAt(objects, t);
  const restored = new Float32Array(mask.length),
    first = new Float32Array(mask.length),
    object = new Uint8Array(mask.length);
  const backX = Math.round(-t * dx), backY = Math.round(-t * dy);
  const onX = Math.round((1 - t) * dx), onY = Math.round((1 - t) * dy);
  const reach = enlargeBox(inside, Math.max(Math.abs(backX), Math.abs(backY)), size);
  let left = width, right = 0, top = height, bottom = 0;
  for (let y = reach.top; y < reach.bottom; y++) {
    const row = Math.min(height - 1, Math.max(0, y + backY)) * width;
    for (let x = reach.left, i = y * width + x; x < reach.right; x++, i++) {
      const from = row + Math.min(width - 1, Math.max(0, x + backX));
      if (mask[from] !== 1 || cover?.[i] === UNKNOWN) continue;
      const index = cover?.[i] ?? FREE;
      if (index !== FREE) {
        const [moveX, moveY] = objects!.pairs[index - 1]!.move;
        const before = sampleAt(luma, x - t * moveX, y - t * moveY);
        const after = sampleAt(other, x + (1 - t) * moveX, y + (1 - t) * moveY);
        if (Math.abs(before - after) > SAME_OBJECT) continue;
        object[i] = index;
        first[i] = 1 - t;
      } else {
        const sees = isInside(luma, x - t * dx, y - t * dy) && coveredFirst[from] !== 1;
        const seesSecond = isInside(luma, x + (1 - t) * dx, y + (1 - t) * dy) &&
          coveredSecond[(y + onY) * width + x + onX] !== 1;
        if (!sees && !seesSecond) continue;
        first[i] = sees ? seesSecond ? 1 - t : 1 : 0;
      }
      restored[i] = 1;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  }
  if (bottom === 0) return undefined;
  const box = { left, top, right, bottom }, around = enlargeBox(box, EDGE, size), sharp = restored.slice();
  soften(restored, width, around);
  for (let y = around.top; y < around.bottom; y++) {
    for (let i = y * width + around.left, end = y * width + around.right; i < end; i++) restored[i]! *= sharp[i]!;
  }
  return { box, restored, first, object };
}

/** Weights of four neighboring samples for a position between the second and the third one (Catmull-Rom). */
function cubicWeights(part: number): readonly [number, number, number, number] {
  const [a, b, c] = [part, part * part, part ** 3];
  return [(-a + 2 * b - c) / 2, (2 - 5 * b + 3 * c) / 2, (a + 4 * b - 3 * c) / 2, (c - b) / 2];
}

/** Moves the values of a plane in a box along one axis, without overshoot; the edges of the plane are repeated. */
function moveAlong(
  values: ArrayLike<number>,
  [width, height]: Vector,
  { left, top, right, bottom }: Box,
  distance: number,
  isVertical: boolean,
): ArrayLike<number> {
  if (distance === 0) return values;
  const out = new Float32Array(values.length),
    whole = Math.floor(-distance),
    [p, q, r, s] = cubicWeights(-distance - whole);
  const last = isVertical ? height - 1 : width - 1, step = isVertical ? width : 1;
  for (let y = top; y < bottom; y++) {
    for (let x = left, i = y * width + left; x < right; x++, i++) {
      const at = isVertical ? y : x, place = at + whole;
      let first = i + (whole - 1) * step, second = first + step, third = second + step, fourth = third + step;
      if (place < 1 || place + 2 > last) {
        const start = i - at * step;
        const inside = (at: number) => start + Math.min(last, Math.max(0, at)) * step;
        first = inside(place - 1);
        second = inside(place);
        third = inside(place + 1);
        fourth = inside(place + 2);
      }
      const a = values[second]!, b = values[third]!, sum = p * values[first]! + q * a + r * b + s * values[fourth]!;
      const least = a < b ? a : b, most = a < b ? b : a;
      out[i] = sum < least ? least : sum > most ? most : sum;
    }
  }
  return out;
}

/** Moves the values of a plane in a box. */
function movePlane(plane: Plane, size: Vector, box: Box, [dx, dy]: Vector): ArrayLike<number> {
  const [columns, rows] = size, read = enlargeBox(box, Math.ceil(Math.abs(dy)) + 2, { columns, rows });
  return moveAlong(
    moveAlong(plane, size, { ...read, left: box.left, right: box.right }, dx, false),
    size,
    box,
    dy,
    true,
  );
}

/** Source images of a pair. */
interface Sources {
  readonly first: Image;
  readonly second: Image;
}

/** Restores one region of an interpolated frame. */
function restoreRegion(image: Image, region: Region, { first, second }: Sources, patterns: Patterns, t: number): Image {
  const { width, height, format } = image,
    { motion, coveredFirst, coveredSecond, objects } = region,
    [dx, dy] = motion.shift;
  const restoration = restorationAt(region, patterns, t);
  if (!restoration) return image;
  const { box, restored, first: firsts, object } = restoration, share = certainty(patterns, motion, t);
  const planes = planeSizes(width, height, format).map((size, index) => {
    const [columns, rows] = size;
    const [stepX, stepY] = [columns === width ? 1 : format.chroma[0], rows === height ? 1 : format.chroma[1]];
    const [a, b, plane] = [first.planes[index]!, second.planes[index]!, image.planes[index]!];
    const left = Math.floor(box.left / stepX), right = Math.ceil(box.right / stepX);
    const top = Math.floor(box.top / stepY), bottom = Math.ceil(box.bottom / stepY);
    const own = { left, top, right, bottom };
    const before = movePlane(a, size, own, [t * dx / stepX, t * dy / stepY]);
    const after = movePlane(b, size, own, [(t - 1) * dx / stepX, (t - 1) * dy / stepY]);
    const [from, to] = [a, b].map((values) => ({ width: columns, height: rows, values }));
    const out = plane.slice();
    for (let row = top; row < bottom; row++) {
      for (let column = left, k = row * columns + left; column < right; column++, k++) {
        const i = row * stepY * width + column * stepX, weight = restored[i]!;
        if (weight === 0) continue;
        const part = firsts[i]!, covering = object[i]!;
        let value: number;
        if (covering > 0) {
          const [x, y] = objects!.pairs[covering - 1]!.move, moveX = x / stepX, moveY = y / stepY;
          value = part * sampleAt(from!, column - t * moveX, row - t * moveY) +
            (1 - part) * sampleAt(to!, column + (1 - t) * moveX, row + (1 - t) * moveY);
        } else {
          value = part * before[k]! + (1 - part) * after[k]!;
          const isPlain = share < 1 && coveredFirst[i] !== 1 && coveredSecond[i] !== 1;
          if (isPlain) value = share * value + (1 - share) * (a[k]! + (b[k]! - a[k]!) * t);
        }
        out[k] = Math.floor(plane[k]! + (value - plane[k]!) * weight + 0.5);
      }
    }
    return out;
  });
  return { ...image, planes };
}

/**
 * Restores the repeating textures of an interpolated frame: there it becomes the mean of the displaced source frames, except
 * where an object may be.
 *
 * @param interpolated Interpolated frame.
 * @param first Source frame before it.
 * @param second Source frame after it.
 * @param t Time between the source frames, in (0, 1).
 * @param patterns Textures that {@linkcode findPatterns} found in the source frames.
 */
export function restorePatterns(
  interpolated: Image,
  first: Image,
  second: Image,
  t: number,
  patterns: Patterns,
): Image {
  return patterns.regions.reduce(
    (image, region) => restoreRegion(image, region, { first, second }, patterns, t),
    interpolated,
  );
}
