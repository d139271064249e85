/** Numbers row by row, some for each pixel: a plane, or flow. */
export interface Sheet {
  /** The numbers. */
  readonly values: Float32Array | Uint8Array | Uint16Array;
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Numbers a pixel. */
  readonly channels: number;
}

/** Where a sheet is laid, and how far its weight has risen in from its left and upper edge. */
export interface Place {
  /** Left edge on the sheet below. */
  readonly x: number;
  /** Upper edge on the sheet below. */
  readonly y: number;
  /** Pixels from the left over which it fades in; 0 for none. */
  readonly fadeX: number;
  /** Rows from above over which it fades in; 0 for none. */
  readonly fadeY: number;
}

/** The share of the upper sheet at a pixel of a fade, which takes the middle half: what lies at the edge of a tile knows least. */
const rise = (at: number, length: number): number =>
  at < length ? Math.min(1, Math.max(0, 2 * (at + 0.5) / length - 0.5)) : 1;

/** Lays `sheet` over `ground`, in place; what reaches beyond it is cut off. Whole numbers are rounded. */
export function lay(ground: Sheet, sheet: Sheet, { x, y, fadeX, fadeY }: Place): void {
  const { channels } = ground, half = ground.values instanceof Float32Array ? 0 : 0.5;
  const width = Math.min(sheet.width, ground.width - x), height = Math.min(sheet.height, ground.height - y);
  for (let row = 0; row < height; row++) {
    const share = rise(row, fadeY);
    let to = ((y + row) * ground.width + x) * channels, from = row * sheet.width * channels;
    for (let column = 0; column < width; column++) {
      const weight = share * rise(column, fadeX);
      for (let c = 0; c < channels; c++, to++, from++) {
        const below = ground.values[to]!, above = sheet.values[from]!;
        ground.values[to] = weight === 1 ? above + half : below + (above - below) * weight + half;
      }
    }
  }
}
