/** Masks of zeros and ones, row by row, and their morphology. */

/** Lines of a mask, along its rows or its columns. */
interface Lines {
  readonly count: number;
  readonly length: number;
  /** Distance of the first entries of two lines. */
  readonly stride: number;
  /** Distance of two entries of a line. */
  readonly step: number;
}

/**
 * Replaces each entry of the lines by `wanted` if an entry up to `radius` away has that value, else by the other one. Entries
 * outside of the mask count as `outside`.
 */
function spreadLines(
  mask: Uint8Array,
  { count, length, stride, step }: Lines,
  radius: number,
  { wanted, outside }: { readonly wanted: 0 | 1; readonly outside: 0 | 1 },
): void {
  const near = new Uint8Array(length), isOutside = wanted === outside;
  for (let line = 0; line < count; line++) {
    const start = line * stride;
    let last = isOutside ? -1 : -Infinity;
    for (let i = 0, at = start; i < length; i++, at += step) {
      if (mask[at] === wanted) last = i;
      near[i] = i - last <= radius ? 1 : 0;
    }
    last = isOutside ? length : Infinity;
    for (let i = length - 1, at = start + i * step; i >= 0; i--, at -= step) {
      if (mask[at] === wanted) last = i;
      mask[at] = near[i] === 1 || last - i <= radius ? wanted : 1 - wanted;
    }
  }
}

/** Size of a mask. */
export interface MaskSize {
  /** Number of columns. */
  readonly columns: number;
  /** Number of rows. */
  readonly rows: number;
}

/** A rectangle of a mask or a plane; the ends are exclusive. */
export interface Box {
  /** First column. */
  readonly left: number;
  /** First row. */
  readonly top: number;
  /** Column after the last one. */
  readonly right: number;
  /** Row after the last one. */
  readonly bottom: number;
}

/** Returns a box with a margin on all sides, within a mask or a plane. */
export function enlargeBox({ left, top, right, bottom }: Box, margin: number, { columns, rows }: MaskSize): Box {
  return {
    left: Math.max(0, left - margin),
    top: Math.max(0, top - margin),
    right: Math.min(columns, right + margin),
    bottom: Math.min(rows, bottom + margin),
  };
}

/** Sets the entries with an entry of the value `wanted` up to `radius` away along both axes, in place. */
export function spread(
  mask: Uint8Array,
  { columns, rows }: MaskSize,
  radius: number,
  values: { readonly wanted: 0 | 1; readonly outside: 0 | 1 },
): void {
  spreadLines(mask, { count: rows, length: columns, stride: columns, step: 1 }, radius, values);
  spreadLines(mask, { count: columns, length: rows, stride: 1, step: columns }, radius, values);
}

/** Closes the gaps of up to twice `radius` in a mask, and those to its edges, in place. */
export function close(mask: Uint8Array, size: MaskSize, radius: number): void {
  for (const wanted of [1, 0] as const) spread(mask, size, radius, { wanted, outside: 1 });
}

/** Returns the entries of each set of ones that touch, also at corners, as indices. */
export function componentsOf(mask: Uint8Array, { columns, rows }: MaskSize): number[][] {
  const open = mask.slice(), components: number[][] = [];
  for (let start = 0; start < open.length; start++) {
    if (open[start] !== 1) continue;
    const found = [start];
    open[start] = 0;
    for (let n = 0; n < found.length; n++) {
      const at = found[n]!, x = at % columns, y = (at - x) / columns;
      for (let row = Math.max(0, y - 1); row <= Math.min(rows - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(columns - 1, x + 1); column++) {
          const next = row * columns + column;
          if (open[next] !== 1) continue;
          open[next] = 0;
          found.push(next);
        }
      }
    }
    components.push(found);
  }
  return components;
}
