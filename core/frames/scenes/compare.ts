import type { Thumbnail } from "./thumbnail.ts";

/** Side of the blocks that are compared, in cells. */
const BLOCK = 5;

/** Mean absolute difference of two thumbnails of one size, in levels of 8 bit, without regard to motion. */
export function difference(a: Thumbnail, b: Thumbnail): number {
  let sum = 0;
  for (let i = 0; i < a.cells.length; i++) sum += Math.abs(a.cells[i]! - b.cells[i]!);
  return sum / a.cells.length;
}

/**
 * What is left of the difference between two thumbnails of one size, in levels of 8 bit, when each block of `b` is taken
 * from where it fits best in `a`, up to an eighth of the width and a ninth of the height away.
 */
export function residual(a: Thumbnail, b: Thumbnail): number {
  const reachX = Math.round(a.width / 8), reachY = Math.round(a.height / 9);
  let sum = 0;
  forEachBlock(a, (x, y, width, height) => {
    let best = blockDifference(a, b, x, y, x, y, width, height, Infinity);
    const right = Math.min(a.width - width, x + reachX), bottom = Math.min(a.height - height, y + reachY);
    for (let fromY = Math.max(0, y - reachY); fromY <= bottom; fromY++) {
      for (let fromX = Math.max(0, x - reachX); fromX <= right; fromX++) {
        best = Math.min(best, blockDifference(a, b, fromX, fromY, x, y, width, height, best));
      }
    }
    sum += best;
  });
  return sum / a.cells.length;
}

function forEachBlock(of: Thumbnail, visit: (x: number, y: number, width: number, height: number) => void): void {
  for (let y = 0; y < of.height; y += BLOCK) {
    for (let x = 0; x < of.width; x += BLOCK) {
      visit(x, y, Math.min(BLOCK, of.width - x), Math.min(BLOCK, of.height - y));
    }
  }
}

/** Sum of absolute differences between a block of `a` and one of `b`; gives up, above `limit`, with what it has. */
function blockDifference(
  a: Thumbnail,
  b: Thumbnail,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  width: number,
  height: number,
  limit: number,
): number {
  let sum = 0;
  for (let y = 0; y < height && sum < limit; y++) {
    const i = (ay + y) * a.width + ax, k = (by + y) * b.width + bx;
    for (let x = 0; x < width; x++) sum += Math.abs(a.cells[i + x]! - b.cells[k + x]!);
  }
  return sum;
}
