/** A part of a frame; it may reach beyond the frame on the right and below. */
export interface Tile {
  /** Left edge in pixels. */
  readonly x: number;
  /** Upper edge in pixels. */
  readonly y: number;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** How a frame is cut into tiles. */
export interface TileOptions {
  /** Side of a tile in pixels; a side of the frame that is no longer is not cut. */
  readonly tile: number;
  /** Pixels that neighboring tiles share at least. */
  readonly overlap: number;
}

/**
 * Tiles begin at multiples of this: 2⁵ for networks that halve five times, times 4 for flow that is found at a quarter of the
 * size. So the networks halve the same pixels with the same neighbors as in the whole frame.
 */
export const TILE_UNIT = 128;

/** Where the tiles of one side begin, evenly: `length` long each, of a side of `whole` pixels. */
function beginnings(whole: number, length: number, overlap: number): number[] {
  if (length >= whole) return [0];
  const last = Math.ceil((whole - length) / TILE_UNIT), step = Math.max(1, Math.floor((length - overlap) / TILE_UNIT));
  const count = Math.ceil(last / step);
  return Array.from({ length: count + 1 }, (_, i) => TILE_UNIT * Math.round(i * last / count));
}

/** The tiles of a frame, row by row from above, from the left in each. They have one size. */
export function tilesOf(width: number, height: number, { tile, overlap }: TileOptions): readonly (readonly Tile[])[] {
  const columns = Math.min(tile, width), rows = Math.min(tile, height);
  const left = beginnings(width, columns, overlap);
  return beginnings(height, rows, overlap).map((y) => left.map((x) => ({ x, y, width: columns, height: rows })));
}

/** A side of a tile that can be used: neighbors share what they must and still get on. */
export function usableTile({ tile, overlap }: TileOptions): number {
  return Math.max(Math.ceil(tile / 32) * 32, Math.ceil((overlap + TILE_UNIT) / 32) * 32);
}
