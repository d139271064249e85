/** Regions of a repeating texture, and their objects in two frames. */
import { type Box, close, componentsOf, type MaskSize, spread } from "../masks.ts";
import { type Luma, sampleAt, type Vector } from "./luma.ts";
import { findObjects, type Objects } from "./objects.ts";
import { type PeriodicBlocks, SIDE } from "./periodic_blocks.ts";
import { type RegionMotion, regionMotion } from "./region_motion.ts";

/** Fewest blocks of a region. */
const LEAST_BLOCKS = 6;

/** Largest number of regions of a frame. */
const MOST_REGIONS = 8;

/** Largest difference of two displacements that are the same, in pixels. */
const SAME_MOTION = 0.3;

/** Largest number of sets of blocks whose displacement is searched. */
const MOST_TRIES = 24;

/** Gaps of up to twice as many blocks belong to a region: objects cover it there. */
const GAP = 2;

/** Difference of a block from the displaced one, as a share of its mean deviation, from which another motion is searched. */
const OTHER_MOTION = 0.8;

/** Number of periods at which the texture below an object is searched on each side. */
const PERIODS = 16;

/** Difference from the texture that shows an object, as a share of the texture's mean deviation, and in intensity levels. */
const DIFFERENCE = [0.6, 8] as const;

/** Radius of the neighborhoods in which at least {@linkcode MAJORITY} of the pixels differ where an object is. */
const RADIUS = 2, MAJORITY = 0.45;

/** A region of a repeating texture. */
export interface Region {
  /** Displacement of the texture. */
  readonly motion: RegionMotion;
  /** Box around the pixels of the region in the first frame. */
  readonly box: Box;
  /** Pixels of the region in the first frame: 1. */
  readonly mask: Uint8Array;
  /** Pixels of the first frame that are covered by objects, or outside of the region: 1. */
  readonly coveredFirst: Uint8Array;
  /** The same for the second frame. */
  readonly coveredSecond: Uint8Array;
  /** Objects before the texture; `undefined` if there are none. */
  readonly objects: Objects | undefined;
}

/** Returns the connected sets of blocks, the largest first. */
function connected({ columns, rows }: PeriodicBlocks, blocks: Iterable<number>): number[][] {
  const mask = new Uint8Array(columns * rows);
  for (const block of blocks) mask[block] = 1;
  return componentsOf(mask, { columns, rows }).filter(({ length }) => length >= LEAST_BLOCKS)
    .sort((a, b) => b.length - a.length);
}

/** Returns the difference of a block from the displaced one in the second frame, as a share of its mean deviation. */
function blockDifference(
  first: Luma,
  second: Luma,
  { columns, periods }: PeriodicBlocks,
  block: number,
  [dx, dy]: Vector,
): number {
  const left = block % columns * SIDE, top = Math.floor(block / columns) * SIDE;
  let sum = 0, count = 0;
  for (let y = top; y < Math.min(first.height, top + SIDE); y += 2) {
    for (let x = left + (y & 2 ? 1 : 0); x < Math.min(first.width, left + SIDE); x += 2, count++) {
      sum += Math.abs(first.values[y * first.width + x]! - sampleAt(second, x + dx, y + dy));
    }
  }
  return sum / count / periods[block]!.deviation;
}

/** Sets of blocks that move together. */
interface MovingBlocks {
  readonly blocks: readonly number[];
  readonly motion: RegionMotion;
}

/** Returns the halves of a set of blocks, on both sides of a line. */
function halves({ columns }: PeriodicBlocks, blocks: readonly number[]): number[][] {
  const xs = blocks.map((block) => block % columns), ys = blocks.map((block) => Math.floor(block / columns));
  const extent = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const places = extent(xs) > extent(ys) ? xs : ys, middle = (Math.max(...places) + Math.min(...places)) / 2;
  return [true, false].map((isBelow) => blocks.filter((_, i) => places[i]! < middle === isBelow));
}

/** Returns whether two textures move alike, and have similar contrast. */
function isAlike(
  { shift: [x, y], deviation }: RegionMotion,
  { shift: [otherX, otherY], deviation: other }: RegionMotion,
) {
  return Math.hypot(x - otherX, y - otherY) < SAME_MOTION && deviation < 2 * other && other < 2 * deviation;
}

/** Unites the sets of blocks that move alike. */
function unite(sets: readonly MovingBlocks[]): MovingBlocks[] {
  const united: MovingBlocks[] = [];
  for (const { blocks, motion } of sets) {
    const index = united.findIndex((known) => isAlike(known.motion, motion)), known = united[index];
    if (known) united[index] = { ...known, blocks: [...known.blocks, ...blocks] };
    else united.push({ blocks, motion });
  }
  return united;
}

/** Finds the sets of connected blocks that have one displacement. */
function movingBlocks(first: Luma, second: Luma, periodic: PeriodicBlocks): MovingBlocks[] {
  const open = connected(periodic, periodic.periods.flatMap((period, block) => period ? [block] : []));
  const found: MovingBlocks[] = [];
  for (let tries = 0; tries < MOST_TRIES && found.length < MOST_REGIONS; tries++) {
    const blocks = open.shift();
    if (!blocks) break;
    const motion = regionMotion(first, second, periodic, blocks);
    const others = motion &&
      blocks.filter((block) => blockDifference(first, second, periodic, block, motion.shift) > OTHER_MOTION);
    if (!others || others.length > blocks.length / 2) {
      // Several textures that touch may move differently.
      for (const half of halves(periodic, blocks)) open.push(...connected(periodic, half));
      continue;
    }
    // Below objects of the second frame, no displacement fits.
    const apart = connected(periodic, others).filter((set) => regionMotion(first, second, periodic, set));
    const isApart = new Set(apart.flat());
    open.push(...apart);
    found.push({ motion, blocks: isApart.size > 0 ? blocks.filter((block) => !isApart.has(block)) : blocks });
  }
  return unite(found);
}

/** Returns the most frequent distances at which the texture of blocks repeats: one in each direction. */
function lagsOf({ periods }: PeriodicBlocks, blocks: readonly number[]): Vector[] {
  const counts = new Map<string, { lag: Vector; count: number }>();
  for (const block of blocks) {
    const { lag } = periods[block]!, key = lag.join();
    const entry = counts.get(key) ?? { lag, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  const lags: Vector[] = [];
  for (const { lag: [x, y] } of [...counts.values()].sort((a, b) => b.count - a.count)) {
    if (lags.every(([otherX, otherY]) => otherX * y !== otherY * x)) lags.push([x, y]);
  }
  return lags;
}

/** Returns the box around the pixels of blocks, of which there is at least one. */
function boxOf({ width, height }: Luma, blocks: Uint8Array, columns: number): Box {
  let left = columns, right = 0, top = blocks.length / columns, bottom = 0;
  for (let row = 0, i = 0; i < blocks.length; row++) {
    for (let column = 0; column < columns; column++, i++) {
      if (blocks[i] !== 1) continue;
      if (column < left) left = column;
      if (column >= right) right = column + 1;
      if (row < top) top = row;
      bottom = row + 1;
    }
  }
  const end = (block: number, size: number) => Math.min(size, block * SIDE);
  return { left: left * SIDE, top: top * SIDE, right: end(right, width), bottom: end(bottom, height) };
}

/** Sets the pixels of blocks in a mask of the frame. */
function fillBlocks({ width, height }: Luma, blocks: Uint8Array, columns: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / SIDE) * columns;
    for (let column = 0; column < columns; column++) {
      if (blocks[row + column] === 1) {
        mask.fill(1, y * width + column * SIDE, y * width + Math.min(width, (column + 1) * SIDE));
      }
    }
  }
  return mask;
}

/**
 * Returns the texture of a region in the first frame: the frame itself where `known` is 1, the pixel some periods away in the
 * rest of `wanted`, and `NaN` elsewhere.
 *
 * @param box Box around `wanted`.
 */
function extendTexture(
  { width, height, values }: Luma,
  known: Uint8Array,
  wanted: Uint8Array,
  box: Box,
  lags: readonly Vector[],
): Float32Array {
  const texture = new Float32Array(values.length).fill(NaN);
  const steps = Array.from({ length: PERIODS }, (_, k) => k + 1).flatMap((k) =>
    lags.flatMap(([x, y]) => [[x * k, y * k], [-x * k, -y * k]] as const)
  );
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left, i = y * width + x; x < box.right; x++, i++) {
      if (known[i] === 1) texture[i] = values[i]!;
      else if (wanted[i] === 1) {
        for (const [dx, dy] of steps) {
          if (x + dx < 0 || y + dy < 0 || x + dx >= width || y + dy >= height) continue;
          const at = i + dy * width + dx;
          if (known[at] !== 1) continue;
          texture[i] = values[at]!;
          break;
        }
      }
    }
  }
  return texture;
}

/** Keeps the entries of a mask in whose neighborhood the majority is set. All that are set are in the box. */
function majority(mask: Uint8Array, width: number, { left, top, right, bottom }: Box): Uint8Array {
  const columns = new Uint8Array(width), kept = new Uint8Array(mask.length), side = 2 * RADIUS + 1;
  const least = MAJORITY * side * side;
  const add = (y: number, sign: 1 | -1) => {
    if (y < top || y >= bottom) return;
    for (let x = left, k = y * width + x; x < right; x++, k++) columns[x]! += sign * mask[k]!;
  };
  for (let y = top; y < top + RADIUS; y++) add(y, 1);
  for (let y = top; y < bottom; y++) {
    add(y + RADIUS, 1);
    let sum = 0;
    for (let x = left; x < left + RADIUS; x++) sum += columns[x]!;
    for (let x = left, i = y * width + x; x < right; x++, i++) {
      sum += (columns[x + RADIUS] ?? 0) - (columns[x - RADIUS - 1] ?? 0);
      kept[i] = sum >= least ? 1 : 0;
    }
    add(y - RADIUS, -1);
  }
  return kept;
}

/** Returns the values of an image at positions `shift` on, in a box; edges of the image are repeated. */
function valuesAt(luma: Luma, [dx, dy]: Vector, box: Box): Float32Array {
  const { width, height, values } = luma, out = new Float32Array(values.length);
  const wholeX = Math.floor(dx), wholeY = Math.floor(dy), partX = dx - wholeX, partY = dy - wholeY;
  for (let y = box.top; y < box.bottom; y++) {
    const isRow = y + wholeY >= 0 && y + wholeY + 1 < height;
    for (let x = box.left, i = y * width + x; x < box.right; x++, i++) {
      if (!isRow || x + wholeX < 0 || x + wholeX + 1 >= width) {
        out[i] = sampleAt(luma, x + dx, y + dy);
        continue;
      }
      const at = i + wholeY * width + wholeX;
      const above = values[at]! + (values[at + 1]! - values[at]!) * partX;
      const below = values[at + width]! + (values[at + width + 1]! - values[at + width]!) * partX;
      out[i] = above + (below - above) * partY;
    }
  }
  return out;
}

/** Finds the pixels in a box that differ from the texture in the first frame, and in the second one. */
function differing(first: Luma, second: Luma, texture: Float32Array, box: Box, { shift, deviation }: RegionMotion) {
  const { width } = first, limit = Math.max(DIFFERENCE[0] * deviation, DIFFERENCE[1]);
  const inFirst = new Uint8Array(texture.length), inSecond = new Uint8Array(texture.length);
  const later = valuesAt(second, shift, box);
  for (let y = box.top; y < box.bottom; y++) {
    for (let i = y * width + box.left, end = y * width + box.right; i < end; i++) {
      // No value differs from `NaN` by more than the limit.
      if (Math.abs(first.values[i]! - texture[i]!) > limit) inFirst[i] = 1;
      if (Math.abs(later[i]! - texture[i]!) > limit) inSecond[i] = 1;
    }
  }
  return { inFirst: majority(inFirst, width, box), inSecond: majority(inSecond, width, box) };
}

/** Moves a mask by whole pixels. All entries that are set are in the box. */
function moved(mask: Uint8Array, { columns: width, rows: height }: MaskSize, box: Box, [dx, dy]: Vector): Uint8Array {
  const shiftX = Math.round(dx), shiftY = Math.round(dy);
  if (shiftX === 0 && shiftY === 0) return mask;
  const out = new Uint8Array(mask.length);
  for (let y = Math.max(0, box.top + shiftY); y < Math.min(height, box.bottom + shiftY); y++) {
    for (let x = Math.max(0, box.left + shiftX); x < Math.min(width, box.right + shiftX); x++) {
      out[y * width + x] = mask[(y - shiftY) * width + x - shiftX]!;
    }
  }
  return out;
}

function regionOf(first: Luma, second: Luma, periodic: PeriodicBlocks, { blocks, motion }: MovingBlocks): Region {
  const { width, height } = first, { columns, rows } = periodic, size = { columns: width, rows: height };
  const own = new Uint8Array(columns * rows);
  for (const block of blocks) own[block] = 1;
  const closed = own.slice(), around = own.slice();
  close(closed, { columns, rows }, GAP);
  for (const block of blocks) closed[block] = 1;
  around.set(closed);
  spread(around, { columns, rows }, 1, { wanted: 1, outside: 0 });
  const known = fillBlocks(first, own, columns),
    inside = fillBlocks(first, closed, columns),
    wanted = fillBlocks(first, around, columns);
  const box = boxOf(first, around, columns);
  const texture = extendTexture(first, known, wanted, box, lagsOf(periodic, blocks));
  const { inFirst, inSecond } = differing(first, second, texture, box, motion);
  // At the edges, the pixels that are of the texture in both frames belong to the region.
  const mask = new Uint8Array(texture.length);
  let hasObjects = false;
  for (let y = box.top; y < box.bottom; y++) {
    for (let i = y * width + box.left, end = y * width + box.right; i < end; i++) {
      if (Number.isNaN(texture[i]!)) inFirst[i] = inSecond[i] = 0;
      else if (inside[i] === 1) mask[i] = 1;
      else if (inFirst[i] === 0 && inSecond[i] === 0) mask[i] = 1;
      else inFirst[i] = inSecond[i] = 0;
      hasObjects ||= inFirst[i] === 1 || inSecond[i] === 1;
    }
  }
  const coveredSecond = moved(inSecond, size, box, motion.shift);
  return {
    ...{ motion, box, mask, coveredFirst: inFirst, coveredSecond },
    objects: hasObjects ? findObjects(inFirst, coveredSecond, size) : undefined,
  };
}

/** Finds the regions whose texture repeats, and moves as a whole between two frames; the largest first. */
export function findRegions(first: Luma, second: Luma, periodic: PeriodicBlocks): Region[] {
  return movingBlocks(first, second, periodic).map((moving) => regionOf(first, second, periodic, moving));
}
