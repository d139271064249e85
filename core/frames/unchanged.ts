/** Detection of regions that are bit-equal in two frames, and that nothing can cross between them. */
import type { Image, Plane } from "../contracts/frame.ts";
import { planeSizes } from "./image.ts";
import { close, type MaskSize } from "./masks.ts";

/** Side of the blocks that are compared, in pixels; a multiple of all chroma steps. */
const BLOCK = 4;

/** Half of the largest distance that an object is expected to move, as a share of the shorter side of the frame. */
const REACH = 1 / 8;

/** Smallest share of equal pixels that is worth the effort; frames with noise have fewer. */
const LEAST_SHARE = 1 / 64;

/** Every how many pixels the share is estimated. */
const SPARSE = 61;

/** Estimates the share of samples of the first plane that are equal. */
function equalShare({ planes: [a] }: Image, { planes: [b] }: Image): number {
  let equal = 0, count = 0;
  for (let i = 0; i < a!.length; i += SPARSE, count++) if (a![i] === b![i]) equal++;
  return equal / count;
}

/**
 * Blocks of a frame that are the same in the next one: 1, others 0. They have {@linkcode BLOCK} pixels a side; those at the right
 * and at the bottom may be smaller.
 */
export interface UnchangedBlocks extends MaskSize {
  /** One value per block, row by row. */
  readonly mask: Uint8Array;
}

function blocksOf({ width, height }: Image): MaskSize {
  return { columns: Math.ceil(width / BLOCK), rows: Math.ceil(height / BLOCK) };
}

/** Returns the size of a block in samples of a plane of `size`. */
function blockIn({ width, height, format }: Image, [columns, rows]: readonly [number, number]): [number, number] {
  return [
    columns === width ? BLOCK : BLOCK / format.chroma[0],
    rows === height ? BLOCK : BLOCK / format.chroma[1],
  ];
}

/** Marks the blocks in which a row of two planes differs. `line` is the index of the first block of the row. */
function markChanged(
  [first, second]: readonly [Plane, Plane],
  start: number,
  width: number,
  across: number,
  line: number,
  changed: Uint8Array,
): void {
  for (let block = line, k = start, left = across, end = start + width; k < end; k++) {
    if (left === 0) {
      left = across;
      block++;
    }
    left--;
    if (first[k] !== second[k]) changed[block] = 1;
  }
}

/** Returns a mask of the blocks with a sample that differs. */
function changedBlocks(a: Image, b: Image, { columns, rows }: MaskSize): Uint8Array<ArrayBuffer> {
  const changed = new Uint8Array(columns * rows);
  planeSizes(a.width, a.height, a.format).forEach((size, plane) => {
    const both = [a.planes[plane]!, b.planes[plane]!] as const,
      [width, height] = size,
      [across, down] = blockIn(a, size);
    for (let y = 0; y < height; y++) {
      markChanged(both, y * width, width, across, Math.floor(y / down) * columns, changed);
    }
  });
  return changed;
}

/**
 * Returns the blocks that are bit-equal in two images of one size and pixel format. Equal blocks between changed ones are left
 * out, because an object may cross them in between, such as a ball over a plain wall: up to a quarter of the shorter side
 * apart. Returns `undefined` if there are few equal pixels.
 */
export function unchangedBlocks(first: Image, second: Image): UnchangedBlocks | undefined {
  if (equalShare(first, second) < LEAST_SHARE) return undefined;
  const blocks = blocksOf(first), crossed = changedBlocks(first, second, blocks);
  close(crossed, blocks, Math.ceil(Math.min(first.width, first.height) * REACH / BLOCK));
  return { ...blocks, mask: crossed.map((one) => 1 - one) };
}

/** Copies the unchanged blocks of a source frame into an interpolated one. */
export function keepUnchanged(interpolated: Image, source: Image, { mask, columns, rows }: UnchangedBlocks): Image {
  // Motion that covers the frame, or noise, leaves no block.
  if (!mask.includes(1)) return interpolated;
  const { width, height, format } = interpolated;
  const planes = planeSizes(width, height, format).map((size, plane) => {
    const out = interpolated.planes[plane]!.slice(),
      from = source.planes[plane]!,
      [across, down] = blockIn(source, size);
    for (let row = 0, k = 0; row < rows; row++) {
      const bottom = Math.min(size[1], (row + 1) * down);
      for (let column = 0; column < columns; column++, k++) {
        if (mask[k] === 0) continue;
        const begun = column;
        while (column + 1 < columns && mask[k + 1] === 1) {
          column++;
          k++;
        }
        const left = begun * across, right = Math.min(size[0], (column + 1) * across);
        for (let y = row * down; y < bottom; y++) {
          const start = y * size[0];
          out.set(from.subarray(start + left, start + right), start + left);
        }
      }
    }
    return out;
  });
  return { ...interpolated, planes };
}
