import type { Image, Plane } from "../contracts/frame.ts";

/** Brightness of an image at low resolution, for comparisons without noise and fine detail. */
export interface Thumbnail {
  /** Width in cells. */
  readonly width: number;
  /** Height in cells. */
  readonly height: number;
  /** Mean brightness of each cell, in 8-bit intensity levels, 0 to 255. */
  readonly cells: Float32Array;
  /** Standard deviation of the cells. */
  readonly contrast: number;
}

/** Tests whether two thumbnails have the same size. */
export function sameSize(a: Thumbnail, b: Thumbnail): boolean {
  return a.width === b.width && a.height === b.height;
}

/** Default number of cells: 80 × 45 at an aspect ratio of 16:9. Cells are about square. */
const CELLS = 80 * 45;

/** BT.601 weights of R, G and B. */
const WEIGHTS = [0.299, 0.587, 0.114];

/** Added to the brightness of opaque pixels, so that black differs from transparent. */
const OPAQUE_OFFSET = 128;

/**
 * Returns the thumbnail of an image: area means of its luma, multiplied by alpha if there is alpha.
 *
 * @param size Approximate number of cells. Smaller images keep their resolution.
 */
export function thumbnail({ width, height, format, planes }: Image, size: number = CELLS): Thumbnail {
  const unit = 2 ** (8 - format.depth), weights = format.model === "rgb" ? WEIGHTS : [1];
  return format.alpha
    ? shrink([composite(planes, weights, unit)], [1], width, height, size)
    : shrink(planes, weights.map((weight) => weight * unit), width, height, size);
}

/** Weights of U and V that distinguish red, green, blue, cyan, magenta, yellow and gray, within 0 to 255. */
const TINTS = [2 / 3, -1 / 3], TINT_OFFSET = 85;

/** The same for R, G and B, by BT.601. */
const RGB_TINTS = [-0.279, -0.081, 0.36], RGB_TINT_OFFSET = 92;

/** Returns a thumbnail of the color without its brightness; `undefined` for gray images and images with alpha. */
export function tint({ width, height, format: { model, depth, chroma, alpha }, planes }: Image): Thumbnail | undefined {
  if (model === "gray" || alpha) return undefined;
  const scaled = (weights: readonly number[]) => weights.map((weight) => weight * 2 ** (8 - depth));
  if (model === "rgb") return shrink(planes, scaled(RGB_TINTS), width, height, CELLS, RGB_TINT_OFFSET);
  const [columns, rows] = [Math.ceil(width / chroma[0]), Math.ceil(height / chroma[1])];
  return shrink(planes.slice(1), scaled(TINTS), columns, rows, CELLS, TINT_OFFSET);
}

/** Returns area means of the weighted sum of planes, with about `size` cells. */
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

/** Returns the brightness above {@linkcode OPAQUE_OFFSET}, multiplied by alpha. */
function composite(planes: readonly Plane[], weights: readonly number[], unit: number): Float32Array {
  const alpha = planes.at(-1)!, opaque = 255 / unit;
  return Float32Array.from(alpha, (a, i) => {
    let level = OPAQUE_OFFSET;
    for (let c = 0; c < weights.length; c++) level += weights[c]! * unit * planes[c]![i]!;
    return level * a / opaque;
  });
}

/** Adds the samples of a row to the sums of its cells. */
function addRow(plane: ArrayLike<number>, start: number, edges: Uint32Array, sums: Float64Array): void {
  for (let column = 0, i = start; column < sums.length; column++) {
    let sum = 0;
    for (const end = start + edges[column + 1]!; i < end; i++) sum += plane[i]!;
    sums[column]! += sum;
  }
}

/** Adds the mean of its samples times `weight` to each cell. */
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
    for (let y = top; y < bottom; y++) addRow(plane, y * width, edges, sums);
    for (let column = 0; column < columns; column++) {
      const count = (bottom - top) * (edges[column + 1]! - edges[column]!);
      cells[row * columns + column]! += sums[column]! * weight / count;
    }
  }
}

function deviation(cells: Float32Array): number {
  let sum = 0, squares = 0;
  // An iterator would make an object per cell.
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    sum += cell;
    squares += cell * cell;
  }
  const mean = sum / cells.length;
  return Math.sqrt(Math.max(0, squares / cells.length - mean * mean));
}
