import type { Image, Plane } from "../contracts/frame.ts";

/** The brightness of a picture, made small: fast to compare, and blind to noise and fine detail. */
export interface Thumbnail {
  /** Cells a row. */
  readonly width: number;
  /** Rows of cells. */
  readonly height: number;
  /** Mean brightness of each cell on the scale of 8 bit, 0 to 255. */
  readonly cells: Float32Array;
  /** Standard deviation of the cells: how much there is to see. */
  readonly contrast: number;
}

/** As many cells as 80 × 45 have; about square ones, for any shape of picture. */
const CELLS = 80 * 45;

/** BT.601 weights of R, G and B; any would do, since brightness is only compared with itself. */
const WEIGHTS = [0.299, 0.587, 0.114];

/** What is added to the brightness of what is seen, so that black differs from what is transparent. */
const SEEN = 128;

/**
 * Makes the thumbnail of a picture by area means of its luma, of about `size` cells; smaller pictures stay as they are. Where
 * there is alpha, only what is seen counts.
 */
export function thumbnail({ width, height, format, planes }: Image, size: number = CELLS): Thumbnail {
  const unit = 2 ** (8 - format.depth), weights = format.model === "rgb" ? WEIGHTS : [1];
  return format.alpha
    ? shrink([seen(planes, weights, unit)], [1], width, height, size)
    : shrink(planes, weights.map((weight) => weight * unit), width, height, size);
}

/** Weights of U and V under which no two of red, green, blue, cyan, magenta, yellow and gray are alike, within 0 to 255. */
const TINTS = [2 / 3, -1 / 3], TINT_OFFSET = 85;

/** The same for R, G and B, by BT.601. */
const RGB_TINTS = [-0.279, -0.081, 0.36], RGB_TINT_OFFSET = 92;

/** As {@linkcode thumbnail}, of the color without its brightness; `undefined` for gray and where there is alpha. */
export function tint({ width, height, format: { model, depth, chroma, alpha }, planes }: Image): Thumbnail | undefined {
  if (model === "gray" || alpha) return undefined;
  const scaled = (weights: readonly number[]) => weights.map((weight) => weight * 2 ** (8 - depth));
  if (model === "rgb") return shrink(planes, scaled(RGB_TINTS), width, height, CELLS, RGB_TINT_OFFSET);
  const [columns, rows] = [Math.ceil(width / chroma[0]), Math.ceil(height / chroma[1])];
  return shrink(planes.slice(1), scaled(TINTS), columns, rows, CELLS, TINT_OFFSET);
}

/** The weighed sum of planes, by area means, of about `size` cells. */
function shrink(
  planes: readonly ArrayLike<number>[],
  weights: readonly number[],
  width: number,
  height: number,
  size: number,
  offset = 0,
): Thumbnail {
  const cell = Math.max(1, Math.sqrt(width * height / size));
  const columns = Math.max(1, Math.round(width / cell)), rows = Math.max(1, Math.round(height / cell));
  const cells = new Float32Array(columns * rows).fill(offset);
  weights.forEach((weight, i) => addMeans(planes[i]!, width, height, columns, rows, weight, cells));
  return { width: columns, height: rows, cells, contrast: deviation(cells) };
}

/** Brightness above {@linkcode SEEN}, weighed by alpha. */
function seen(planes: readonly Plane[], weights: readonly number[], unit: number): Float32Array {
  const alpha = planes.at(-1)!, opaque = 255 / unit;
  return Float32Array.from(alpha, (a, i) => {
    let level = SEEN;
    for (let c = 0; c < weights.length; c++) level += weights[c]! * unit * planes[c]![i]!;
    return level * a / opaque;
  });
}

/** Adds to each cell the mean of its samples times `weight`. */
function addMeans(
  plane: ArrayLike<number>,
  width: number,
  height: number,
  columns: number,
  rows: number,
  weight: number,
  cells: Float32Array,
): void {
  const edges = Uint32Array.from({ length: columns + 1 }, (_, i) => Math.floor(i * width / columns));
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const top = Math.floor(row * height / rows), bottom = Math.floor((row + 1) * height / rows);
    sums.fill(0);
    for (let y = top; y < bottom; y++) {
      for (let column = 0, i = y * width; column < columns; column++) {
        let sum = 0;
        for (const end = y * width + edges[column + 1]!; i < end; i++) sum += plane[i]!;
        sums[column]! += sum;
      }
    }
    for (let column = 0; column < columns; column++) {
      const count = (bottom - top) * (edges[column + 1]! - edges[column]!);
      cells[row * columns + column]! += sums[column]! * weight / count;
    }
  }
}

function deviation(cells: Float32Array): number {
  let sum = 0, squares = 0;
  for (const cell of cells) {
    sum += cell;
    squares += cell * cell;
  }
  const mean = sum / cells.length;
  return Math.sqrt(Math.max(0, squares / cells.length - mean * mean));
}
