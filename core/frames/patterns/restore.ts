/** Restoration of repeating textures in interpolated frames, which networks tear apart. */
import type { Image, Plane } from "../../contracts/frame.ts";
import { newPlane, planeSizes } from "../image.ts";
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

/** What an interpolated frame gets in a region. */
interface Restoration {
  /** Share of the restored texture, from 0 to 1. */
  readonly restored: Float32Array;
  /** Share of the first frame in it. */
  readonly first: Float32Array;
  /** Number of the object that covers the texture, from 1; 0 where none does. */
  readonly object: Uint8Array;
}

/** Averages the neighborhoods of a plane, in place; edges are repeated. */
function soften(values: Float32Array, width: number, height: number): void {
  const side = 2 * EDGE + 1, line = new Float32Array(Math.max(width, height) + side);
  for (const [count, length, stride, step] of [[height, width, width, 1], [width, height, 1, width]] as const) {
    for (let n = 0; n < count; n++) {
      const start = n * stride;
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
  { motion: { shift: [dx, dy] }, mask, coveredFirst, coveredSecond, objects }: Region,
  { first: luma, second: other }: Patterns,
  t: number,
): Restoration {
  const { width, height } = luma, cover = objects && coverAt(objects, t);
  const restored = new Float32Array(mask.length),
    first = new Float32Array(mask.length),
    object = new Uint8Array(mask.length);
  const backX = Math.round(-t * dx), backY = Math.round(-t * dy);
  const onX = Math.round((1 - t) * dx), onY = Math.round((1 - t) * dy);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const fromX = x + backX, fromY = y + backY, toX = x + onX, toY = y + onY;
      const isFirst = isInside(luma, x - t * dx, y - t * dy),
        isSecond = isInside(luma, x + (1 - t) * dx, y + (1 - t) * dy);
      const from = Math.min(height - 1, Math.max(0, fromY)) * width + Math.min(width - 1, Math.max(0, fromX));
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
        const sees = isFirst && coveredFirst[from] !== 1;
        const seesSecond = isSecond && coveredSecond[toY * width + toX] !== 1;
        if (!sees && !seesSecond) continue;
        first[i] = sees ? seesSecond ? 1 - t : 1 : 0;
      }
      restored[i] = 1;
    }
  }
  const sharp = restored.slice();
  soften(restored, width, height);
  for (let i = 0; i < restored.length; i++) restored[i]! *= sharp[i]!;
  return { restored, first, object };
}

/** Weights of four neighboring samples for a position between the second and the third one (Catmull-Rom). */
function cubicWeights(part: number): readonly [number, number, number, number] {
  const [a, b, c] = [part, part * part, part ** 3];
  return [(-a + 2 * b - c) / 2, (2 - 5 * b + 3 * c) / 2, (a + 4 * b - 3 * c) / 2, (c - b) / 2];
}

/** Moves the values of a plane along one axis, without overshoot; the edges are repeated. */
function moveAlong(
  values: ArrayLike<number>,
  [width, height]: Vector,
  distance: number,
  isVertical: boolean,
): ArrayLike<number> {
  if (distance === 0) return values;
  const out = new Float32Array(values.length),
    whole = Math.floor(-distance),
    [p, q, r, s] = cubicWeights(-distance - whole);
  const last = isVertical ? height - 1 : width - 1, step = isVertical ? width : 1;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
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

const movePlane = (plane: Plane, size: Vector, [dx, dy]: Vector) =>
  moveAlong(moveAlong(plane, size, dx, false), size, dy, true);

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
  const { restored, first: firsts, object } = restorationAt(region, patterns, t),
    share = certainty(patterns, motion, t);
  const planes = planeSizes(width, height, format).map((size, index) => {
    const [columns, rows] = size;
    const [stepX, stepY] = [columns === width ? 1 : format.chroma[0], rows === height ? 1 : format.chroma[1]];
    const [a, b, plane] = [first.planes[index]!, second.planes[index]!, image.planes[index]!];
    const before = movePlane(a, size, [t * dx / stepX, t * dy / stepY]);
    const after = movePlane(b, size, [(t - 1) * dx / stepX, (t - 1) * dy / stepY]);
    const [own, other] = [a, b].map((values) => ({ width: columns, height: rows, values }));
    const out = newPlane(format.depth, plane.length);
    for (let row = 0, k = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, k++) {
        const i = Math.min(height - 1, row * stepY) * width + Math.min(width - 1, column * stepX),
          weight = restored[i]!;
        if (weight === 0) {
          out[k] = plane[k]!;
          continue;
        }
        const part = firsts[i]!, covering = object[i]!;
        let value: number;
        if (covering > 0) {
          const [x, y] = objects!.pairs[covering - 1]!.move, moveX = x / stepX, moveY = y / stepY;
          value = part * sampleAt(own!, column - t * moveX, row - t * moveY) +
            (1 - part) * sampleAt(other!, column + (1 - t) * moveX, row + (1 - t) * moveY);
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
