import type { Values } from "./distance.ts";

/** Shape of the values that are compared. */
export interface SsimShape {
  /** Width, at least 11. */
  readonly width: number;
  /** Height, at least 11. */
  readonly height: number;
  /** Interleaved channels per pixel. */
  readonly channels: number;
}

/** Pixels to each side of the middle of the window. */
const REACH = 5;

/** Width of the window. */
const WINDOW = 2 * REACH + 1;

/** Standard deviation of the window in pixels. */
const SIGMA = 1.5;

/** Constants of Wang et al. (2004), equation 13, over the peak. */
const K1 = 0.01, K2 = 0.03;

/** Half of the symmetric window, the middle first; the whole sums to 1. */
const WEIGHTS: readonly number[] = (() => {
  const half = Array.from({ length: REACH + 1 }, (_, i) => Math.exp(-i * i / (2 * SIGMA * SIGMA)));
  const sum = half.reduce((total, weight, i) => total + weight * (i === 0 ? 1 : 2), 0);
  return half.map((weight) => weight / sum);
})();

/** Weighted sums of five products of a row, a, b, a², b² and ab, over the window's width. */
type RowSums = readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];

/** Fills `sums` from row `y`; `products` is a buffer for that row. */
function sumRow(
  a: Values,
  b: Values,
  y: number,
  line: number,
  channels: number,
  products: RowSums,
  sums: RowSums,
): void {
  const [pa, pb, paa, pbb, pab] = products, from = y * line;
  for (let i = 0; i < line; i++) {
    const u = a[from + i]!, v = b[from + i]!;
    pa[i] = u;
    pb[i] = v;
    paa[i] = u * u;
    pbb[i] = v * v;
    pab[i] = u * v;
  }
  const [w0, w1, w2, w3, w4, w5] = WEIGHTS as [number, number, number, number, number, number];
  const c = channels, length = line - 2 * REACH * c;
  for (let k = 0; k < 5; k++) {
    const p = products[k]!, s = sums[k]!;
    for (let i = 0, m = REACH * c; i < length; i++, m++) {
      s[i] = w0 * p[m]! + w1 * (p[m - c]! + p[m + c]!) + w2 * (p[m - 2 * c]! + p[m + 2 * c]!) +
        w3 * (p[m - 3 * c]! + p[m + 3 * c]!) + w4 * (p[m - 4 * c]! + p[m + 4 * c]!) +
        w5 * (p[m - 5 * c]! + p[m + 5 * c]!);
    }
  }
}

/** One of the five, summed over the window's height at column `i`; `rows` are the window's rows, the topmost first. */
function sumColumn(rows: readonly RowSums[], k: 0 | 1 | 2 | 3 | 4, i: number): number {
  let sum = WEIGHTS[0]! * rows[REACH]![k][i]!;
  for (let d = 1; d <= REACH; d++) sum += WEIGHTS[d]! * (rows[REACH - d]![k][i]! + rows[REACH + d]![k][i]!);
  return sum;
}

/**
 * Structural similarity (Wang et al. 2004): mean over all channels and all pixels whose window lies inside, with a
 * Gaussian window of 11 × 11, σ 1.5, and the population's covariance. It is what scikit-image gives with
 * `gaussian_weights`, `use_sample_covariance=False` and `channel_axis`.
 *
 * @param peak Value of white: 255 for 8-bit pixels, 1 for [0, 1].
 * @returns At most 1, which equal images have.
 * @throws {RangeError} If the values don't fit the shape, or no window fits inside.
 */
export function ssim(a: Values, b: Values, { width, height, channels }: SsimShape, peak = 255): number {
  const line = width * channels;
  if (a.length !== line * height || b.length !== a.length) {
    throw new RangeError(
      `ssim: ${width}×${height}×${channels} needs ${line * height} values, got ${a.length} and ${b.length}`,
    );
  }
  if (width < WINDOW || height < WINDOW) {
    throw new RangeError(`ssim: images must be ${WINDOW}×${WINDOW} at least, got ${width}×${height}`);
  }
  const c1 = (K1 * peak) ** 2, c2 = (K2 * peak) ** 2;
  const buffers = (): RowSums => [0, 1, 2, 3, 4].map(() => new Float64Array(line)) as unknown as RowSums;
  const products = buffers(), rows = Array.from({ length: WINDOW }, buffers), count = line - 2 * REACH * channels;
  let total = 0;
  for (let y = 0; y < height; y++) {
    rows.push(rows.shift()!);
    sumRow(a, b, y, line, channels, products, rows[WINDOW - 1]!);
    if (y < WINDOW - 1) continue;
    for (let i = 0; i < count; i++) {
      const ma = sumColumn(rows, 0, i), mb = sumColumn(rows, 1, i);
      const va = sumColumn(rows, 2, i) - ma * ma, vb = sumColumn(rows, 3, i) - mb * mb;
      const vab = sumColumn(rows, 4, i) - ma * mb;
      total += (2 * ma * mb + c1) * (2 * vab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
    }
  }
  return total / (count * (height - WINDOW + 1));
}
