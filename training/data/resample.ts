/** An image row by row, channels interleaved. */
export interface Raster<A extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** `width · height · channels` numbers. */
  readonly values: A;
}

/** For each output sample of one axis: the first input sample, and the weights of it and its successors. */
interface Taps {
  readonly starts: Int32Array;
  readonly weights: Float32Array;
  readonly count: number;
}

/** Computes the taps of one axis: area means to scale down; linear between pixel centers, edges replicated, to scale up. */
function tapsOf(from: number, to: number): Taps {
  const scale = from / to, count = scale > 1 ? Math.ceil(scale) + 1 : 2;
  const starts = new Int32Array(to), weights = new Float32Array(to * count);
  for (let i = 0; i < to; i++) {
    if (scale > 1) {
      const low = i * scale, high = low + scale, start = Math.floor(low);
      starts[i] = start;
      for (let k = 0; k < count; k++) {
        const covered = Math.min(high, start + k + 1, from) - Math.max(low, start + k);
        weights[i * count + k] = Math.max(0, covered) / scale;
      }
    } else {
      const center = Math.min(from - 1, Math.max(0, (i + 0.5) * scale - 0.5)), start = Math.floor(center);
      starts[i] = start;
      weights[i * count] = 1 - (center - start);
      weights[i * count + 1] = center - start;
    }
  }
  return { starts, weights, count };
}

/**
 * Scales an image: area means to scale down, bilinear with half-pixel centers to scale up.
 *
 * @param channels Channels per pixel.
 */
export function resample(
  raster: Raster,
  width: number,
  height: number,
  channels = 3,
): Raster<Float32Array<ArrayBuffer>> {
  const { width: w, height: h, values } = raster;
  const across = tapsOf(w, width), down = tapsOf(h, height);
  const rows = new Float32Array(h * width * channels), out = new Float32Array(height * width * channels);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < width; x++) {
      const target = (y * width + x) * channels;
      for (let k = 0; k < across.count; k++) {
        const weight = across.weights[x * across.count + k]!;
        if (weight === 0) continue;
        const source = (y * w + across.starts[x]! + k) * channels;
        for (let c = 0; c < channels; c++) rows[target + c]! += weight * values[source + c]!;
      }
    }
  }
  const line = width * channels;
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < down.count; k++) {
      const weight = down.weights[y * down.count + k]!;
      if (weight === 0) continue;
      const source = (down.starts[y]! + k) * line, target = y * line;
      for (let i = 0; i < line; i++) out[target + i]! += weight * rows[source + i]!;
    }
  }
  return { width, height, values: out };
}
