import type { RgbImage } from "../metrics/rgb_image.ts";

/** Weights of the input samples from `start` on for one output sample of one axis. */
interface Tap {
  readonly start: number;
  readonly weights: readonly number[];
}

/** Radius of the kernel, in samples of its own size. */
const REACH = 2;

/** Keys' cubic kernel with a = −0.6, the bicubic of common video scalers. */
function cubic(distance: number): number {
  const a = -0.6, x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < REACH ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** Returns the taps of one axis; the kernel is wider when scaling down. Edges are repeated. */
function tapsOf(from: number, to: number): Tap[] {
  const scale = from / to, widened = Math.max(1, scale), reach = REACH * widened;
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale - 0.5;
    const low = Math.max(0, Math.ceil(center - reach)), high = Math.min(from - 1, Math.floor(center + reach));
    const weights = new Array<number>(high - low + 1).fill(0);
    for (let k = Math.ceil(center - reach); k <= center + reach; k++) {
      weights[Math.min(high, Math.max(low, k)) - low]! += cubic((k - center) / widened);
    }
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { start: low, weights: weights.map((weight) => weight / sum) };
  });
}

/** Scales an image: bicubic, antialiased when scaling down, rounded to 8 bits. */
export function resizeImage({ width, height, pixels }: RgbImage, toWidth: number, toHeight: number): RgbImage {
  const line = 3 * toWidth, across = tapsOf(width, toWidth);
  const rows = new Float32Array(height * line);
  for (let y = 0; y < height; y++) {
    across.forEach(({ start, weights }, x) => {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0, from = 3 * (y * width + start) + c; k < weights.length; k++, from += 3) {
          sum += weights[k]! * pixels[from]!;
        }
        rows[y * line + 3 * x + c] = sum;
      }
    });
  }
  const resized = new Uint8Array(toHeight * line);
  tapsOf(height, toHeight).forEach(({ start, weights }, y) => {
    for (let i = 0; i < line; i++) {
      let sum = 0.5;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * rows[(start + k) * line + i]!;
      resized[y * line + i] = sum < 0 ? 0 : sum > 255 ? 255 : sum;
    }
  });
  return { width: toWidth, height: toHeight, pixels: resized };
}

/** Returns a size whose shorter side is at most `shorter` and whose other side is the nearest even number; never larger. */
export function fittingSize(width: number, height: number, shorter: number): readonly [number, number] {
  const scale = shorter / Math.min(width, height);
  if (scale >= 1) return [width, height];
  const even = (size: number) => 2 * Math.round(size * scale / 2);
  return width < height ? [shorter, even(height)] : [even(width), shorter];
}
