/** Sizes of a backward warp. */
export interface WarpSizes {
  /** Number of images: 1, or the number of flows. */
  readonly images: number;
  /** Number of flows. */
  readonly flows: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Computes the backward warp on arrays: samples `image` [N, H, W, C] at the position of each pixel plus `flow` [T, H, W, 2]
 * and writes to `out` [T, H, W, C]. NaN samples the upper left pixel.
 */
export function warpArrays(image: Float32Array, flow: Float32Array, out: Float32Array, sizes: WarpSizes): void {
  const { images, flows, height, width, channels } = sizes;
  const lastX = width - 1, lastY = height - 1, stride = width * channels;
  for (let t = 0, p = 0, o = 0; t < flows; t++) {
    const base = images === 1 ? 0 : t * height * stride;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p += 2) {
        const px = x + flow[p]!, py = y + flow[p + 1]!;
        const cx = px > 0 ? px < lastX ? px : lastX : 0, cy = py > 0 ? py < lastY ? py : lastY : 0;
        const x0 = Math.floor(cx), y0 = Math.floor(cy), fx = cx - x0, fy = cy - y0;
        let a = base + y0 * stride + x0 * channels;
        let b = x0 < lastX ? a + channels : a, c = y0 < lastY ? a + stride : a, d = c + b - a;
        for (let k = 0; k < channels; k++, a++, b++, c++, d++) {
          const left = image[a]!, low = image[c]!;
          const top = left + (image[b]! - left) * fx, bottom = low + (image[d]! - low) * fx;
          out[o++] = top + (bottom - top) * fy;
        }
      }
    }
  }
}
