/** Objects before a repeating texture, and where they are between two frames. */
import { componentsOf, type MaskSize, spread } from "../masks.ts";
import type { Vector } from "./luma.ts";

/** Fewest pixels of an object. */
const LEAST_AREA = 12;

/** Largest ratio of the areas of an object in two frames. */
const AREA_RATIO = 1.6;

/** Least overlap of an object in two frames, moved onto each other, as a share of their union. */
const LEAST_OVERLAP = 0.6;

/** Largest number of objects; more are not distinguished. */
const MOST = 32;

/** Farthest that an object is expected to move, as a share of the shorter side of the frame. */
const REACH = 1 / 4;

/** An object in one frame. */
interface Blob {
  /** Its pixels, as indices. */
  readonly pixels: readonly number[];
  readonly center: Vector;
}

/** Objects before a texture in two frames. */
export interface Objects {
  /** Objects that are in both frames: pixels in each, and displacements. */
  readonly pairs: readonly { readonly first: Blob; readonly second: Blob; readonly move: Vector }[];
  /** Pixels around the other objects, which may be anywhere there between the frames: 1. */
  readonly unknown: Uint8Array | undefined;
  readonly size: MaskSize;
}

function blobsOf(mask: Uint8Array, size: MaskSize): Blob[] {
  return componentsOf(mask, size).filter(({ length }) => length >= LEAST_AREA).map((pixels) => {
    let x = 0, y = 0;
    for (const at of pixels) {
      x += at % size.columns;
      y += Math.floor(at / size.columns);
    }
    return { pixels, center: [x / pixels.length, y / pixels.length] };
  });
}

/** Calls a function with each pixel of a blob, moved, that is in the frame. */
function forMoved({ columns, rows }: MaskSize, { pixels }: Blob, [dx, dy]: Vector, visit: (at: number) => void): void {
  const moveX = Math.round(dx), moveY = Math.round(dy);
  for (const at of pixels) {
    const x = at % columns + moveX, y = (at - at % columns) / columns + moveY;
    if (x >= 0 && y >= 0 && x < columns && y < rows) visit(y * columns + x);
  }
}

/** Returns the share of the union of two blobs that they have in common after a move. */
function overlap(first: Blob, second: Blob, move: Vector, size: MaskSize): number {
  const own = new Set(second.pixels);
  let common = 0;
  forMoved(size, first, move, (at) => common += own.has(at) ? 1 : 0);
  return common / (first.pixels.length + second.pixels.length - common);
}

/**
 * Finds the objects that are in two frames.
 *
 * @param first Pixels of the first frame that are not of the texture: 1.
 * @param second The same for the second frame.
 */
export function findObjects(first: Uint8Array, second: Uint8Array, size: MaskSize): Objects {
  const reach = Math.min(size.columns, size.rows) * REACH;
  const blobs = blobsOf(first, size), open = blobsOf(second, size);
  const pairs: Objects["pairs"][number][] = [], lost: Blob[] = [];
  const isCrowd = Math.max(blobs.length, open.length) > MOST;
  if (isCrowd) lost.push(...blobs);
  for (const blob of isCrowd ? [] : blobs) {
    const candidates = open.map((other) => {
      const move: Vector = [other.center[0] - blob.center[0], other.center[1] - blob.center[1]];
      const ratio = other.pixels.length / blob.pixels.length;
      const isLike = ratio < AREA_RATIO && ratio > 1 / AREA_RATIO && Math.hypot(...move) <= reach;
      return { first: blob, second: other, move, score: isLike ? overlap(blob, other, move, size) : 0 };
    }).filter(({ score }) => score >= LEAST_OVERLAP).sort((a, b) => b.score - a.score);
    const best = candidates[0];
    if (best) {
      pairs.push(best);
      open.splice(open.indexOf(best.second), 1);
    } else lost.push(blob);
  }
  lost.push(...open);
  if (lost.length === 0) return { pairs, size, unknown: undefined };
  const unknown = new Uint8Array(size.columns * size.rows);
  for (const { pixels } of lost) for (const at of pixels) unknown[at] = 1;
  spread(unknown, size, Math.ceil(reach / 2), { wanted: 1, outside: 0 });
  return { pairs, size, unknown };
}

/** Value of {@linkcode coverAt} of a pixel that is not covered, and of one where an object may be. */
export const FREE = 0, UNKNOWN = 255;

/**
 * Returns the cover of each pixel at a time: {@linkcode FREE}, {@linkcode UNKNOWN}, or the number of a pair of `pairs`, from 1.
 */
export function coverAt({ pairs, unknown, size }: Objects, t: number): Uint8Array {
  const length = size.columns * size.rows, cover = new Uint8Array(length);
  for (const [index, { first, second, move: [x, y] }] of pairs.entries()) {
    // Where two objects meet, either may be in front.
    const cross = (at: number) => cover[at] = cover[at] === FREE || cover[at] === index + 1 ? index + 1 : UNKNOWN;
    forMoved(size, first, [x * t, y * t], cross);
    forMoved(size, second, [x * (t - 1), y * (t - 1)], cross);
  }
  if (unknown) { for (let i = 0; i < length; i++) if (unknown[i] === 1) cover[i] = UNKNOWN; }
  return cover;
}
