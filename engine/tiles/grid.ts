import type { Image } from "@slomo/core";
import { newPlane, planeSizes } from "@slomo/core/frames";

/** A part of a frame; it may extend beyond the right and bottom edges. */
export interface Tile {
  /** Left edge in pixels. */
  readonly x: number;
  /** Top edge in pixels. */
  readonly y: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** Size and overlap of tiles. */
export interface TileSize {
  /** Side of a tile in pixels. A side of the frame that is not longer is not cut. */
  readonly tile: number;
  /** Least overlap of neighboring tiles in pixels. */
  readonly overlap: number;
}

/** Size and positions of tiles. */
export interface TileOptions extends TileSize {
  /** Sides of tiles are multiples of this, and tiles start at multiples of four times this; see {@linkcode tileAlignment}. */
  readonly alignment: number;
}

/** Chroma planes are at most four times smaller than the frame, and tiles start at whole chroma samples. */
const LARGEST_CHROMA_FACTOR = 4;

/** Flow may be estimated at a quarter of the size; tiles start at pixels that are aligned there too. */
const SMALLEST_FLOW_SCALE = 1 / 4;

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return a / x * b;
}

/**
 * Returns the alignment of tiles for networks: a common multiple of theirs, so that they pool the same pixels in a tile as
 * in the whole frame.
 *
 * @param multiples The `alignment` or `multiple` of each network.
 */
export function tileAlignment(multiples: readonly number[]): number {
  return multiples.reduce(leastCommonMultiple, LARGEST_CHROMA_FACTOR);
}

/** Returns the distance of positions at which tiles may start. */
const stepOf = (alignment: number): number => alignment / SMALLEST_FLOW_SCALE;

/** Returns the evenly distributed starts of tiles along one side of a frame. */
function startsOf(side: number, length: number, { overlap, alignment }: TileOptions): number[] {
  if (length >= side) return [0];
  const step = stepOf(alignment), last = Math.ceil((side - length) / step);
  const count = Math.ceil(last / Math.max(1, Math.floor((length - overlap) / step)));
  return Array.from({ length: count + 1 }, (_, i) => step * Math.round(i * last / count));
}

/** Returns the tiles of a frame in rows, top to bottom and left to right. All have the same size. */
export function tilesOf(width: number, height: number, options: TileOptions): readonly (readonly Tile[])[] {
  const columns = Math.min(options.tile, width), rows = Math.min(options.tile, height);
  const left = startsOf(width, columns, options);
  return startsOf(height, rows, options).map((y) => left.map((x) => ({ x, y, width: columns, height: rows })));
}

/** Returns the side of tiles, enlarged as needed for the overlap and the alignment. */
export function usableTile({ tile, overlap, alignment }: TileOptions): number {
  const aligned = (side: number) => Math.ceil(side / alignment) * alignment;
  return Math.max(aligned(tile), aligned(overlap + stepOf(alignment)));
}

/**
 * Cuts a tile out of an image; pixels beyond the edges repeat the edge.
 *
 * @param tile Starts at whole chroma samples.
 */
export function cropImage(image: Image, { x, y, width, height }: Tile): Image {
  const { format } = image, from = planeSizes(image.width, image.height, format);
  const planes = planeSizes(width, height, format).map(([columns, rows], plane) => {
    const [wide, high] = from[plane]!, source = image.planes[plane]!, out = newPlane(format.depth, columns * rows);
    const isFull = wide === image.width && high === image.height;
    const left = isFull ? x : x / format.chroma[0], top = isFull ? y : y / format.chroma[1];
    for (let row = 0; row < rows; row++) {
      const begin = Math.min(top + row, high - 1) * wide, end = Math.min(left + columns, wide);
      out.set(source.subarray(begin + left, begin + end), row * columns);
      out.fill(source[begin + wide - 1]!, row * columns + end - left, (row + 1) * columns);
    }
    return out;
  });
  return { ...image, width, height, planes };
}
