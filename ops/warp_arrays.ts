import { warpStride } from "./warp_corners.ts";

/** Sizes of a backward warp. */
export interface WarpSizes {
  /** Number of images: 1, or the number of flows. */
  readonly images: number;
  /** Number of flows. */
  readonly flows: number;
  /** Rows of the images. */
  readonly height: number;
  /** Columns of the images. */
  readonly width: number;
  /** Channels of the images. */
  readonly channels: number;
  /** Pixels of the images between two neighbors of a flow. */
  readonly stride: number;
}

/** Returns the sizes of a warp of `image` [N, H, W, C] along `flow` [T, H / s, W / s, 2], and the shape of its result. */
export function warpSizes(
  image: readonly number[],
  flow: readonly number[],
): { readonly sizes: WarpSizes; readonly shape: number[] } {
  const [images, height, width, channels] = image as [number, number, number, number];
  const [flows, rows, columns] = flow as [number, number, number], stride = warpStride(image, flow);
  return { sizes: { images, flows, height, width, channels, stride }, shape: [flows, rows, columns, channels] };
}

// The loops repeat the positions, because with a function that is called per pixel they take 1.3 to 2.3 times as long, and
// have the three channels of an image written out, which halves the time.

/**
 * Computes the backward warp on arrays: samples `image` [N, H, W, C] at the center of each s×s pixels plus `flow`
 * [T, H / s, W / s, 2] and writes to `out` [T, H / s, W / s, C]. NaN samples the upper left pixel.
 */
export function warpArrays(image: Float32Array, flow: Float32Array, out: Float32Array, sizes: WarpSizes): void {
  const { images, flows, height, width, channels, stride } = sizes;
  const lastX = width - 1, lastY = height - 1, row = width * channels, center = (stride - 1) / 2;
  for (let t = 0, p = 0, o = 0; t < flows; t++) {
    const base = images === 1 ? 0 : t * height * row;
    for (let y = center; y < height; y += stride) {
      for (let x = center; x < width; x += stride, p += 2) {
        const px = x + flow[p]!, py = y + flow[p + 1]!;
        const cx = px > 0 ? px < lastX ? px : lastX : 0, cy = py > 0 ? py < lastY ? py : lastY : 0;
        const x0 = cx | 0, y0 = cy | 0, fx = cx - x0, fy = cy - y0;
        let a = base + y0 * row + x0 * channels;
        let b = x0 < lastX ? a + channels : a, c = y0 < lastY ? a + row : a, d = c + b - a;
        if (channels === 3) {
          const left0 = image[a]!, left1 = image[a + 1]!, left2 = image[a + 2]!;
          const low0 = image[c]!, low1 = image[c + 1]!, low2 = image[c + 2]!;
          const top0 = left0 + (image[b]! - left0) * fx, bottom0 = low0 + (image[d]! - low0) * fx;
          const top1 = left1 + (image[b + 1]! - left1) * fx, bottom1 = low1 + (image[d + 1]! - low1) * fx;
          const top2 = left2 + (image[b + 2]! - left2) * fx, bottom2 = low2 + (image[d + 2]! - low2) * fx;
          out[o++] = top0 + (bottom0 - top0) * fy;
          out[o++] = top1 + (bottom1 - top1) * fy;
          out[o++] = top2 + (bottom2 - top2) * fy;
          continue;
        }
        for (let k = 0; k < channels; k++, a++, b++, c++, d++) {
          const left = image[a]!, low = image[c]!;
          const top = left + (image[b]! - left) * fx, bottom = low + (image[d]! - low) * fx;
          out[o++] = top + (bottom - top) * fy;
        }
      }
    }
  }
}

/**
 * Computes ∂/∂flow of the backward warp on arrays: the slopes of the bilinear patch at each position, weighted by `dy`
 * [T, H / s, W / s, C]. Writes to `out` [T, H / s, W / s, 2]; 0 for clamped positions and for NaN.
 */
export function warpFlowGradient(
  dy: Float32Array,
  image: Float32Array,
  flow: Float32Array,
  out: Float32Array,
  sizes: WarpSizes,
): void {
  const { images, flows, height, width, channels, stride } = sizes;
  const lastX = width - 1, lastY = height - 1, row = width * channels, center = (stride - 1) / 2;
  for (let t = 0, p = 0, o = 0; t < flows; t++) {
    const base = images === 1 ? 0 : t * height * row;
    for (let y = center; y < height; y += stride) {
      for (let x = center; x < width; x += stride, p += 2) {
        const px = x + flow[p]!, py = y + flow[p + 1]!;
        const cx = px > 0 ? px < lastX ? px : lastX : 0, cy = py > 0 ? py < lastY ? py : lastY : 0;
        const x0 = cx | 0, y0 = cy | 0, fx = cx - x0, fy = cy - y0;
        let a = base + y0 * row + x0 * channels;
        let b = x0 < lastX ? a + channels : a, c = y0 < lastY ? a + row : a, d = c + b - a;
        let topLeft = 0, topRight = 0, lowLeft = 0, lowRight = 0; // sums of pixels, weighted by `dy`
        if (channels === 3) {
          const dy0 = dy[o++]!, dy1 = dy[o++]!, dy2 = dy[o++]!;
          topLeft = dy0 * image[a]! + dy1 * image[a + 1]! + dy2 * image[a + 2]!;
          topRight = dy0 * image[b]! + dy1 * image[b + 1]! + dy2 * image[b + 2]!;
          lowLeft = dy0 * image[c]! + dy1 * image[c + 1]! + dy2 * image[c + 2]!;
          lowRight = dy0 * image[d]! + dy1 * image[d + 1]! + dy2 * image[d + 2]!;
        } else {
          for (let k = 0; k < channels; k++, a++, b++, c++, d++) {
            const change = dy[o++]!;
            topLeft += change * image[a]!;
            topRight += change * image[b]!;
            lowLeft += change * image[c]!;
            lowRight += change * image[d]!;
          }
        }
        const top = topRight - topLeft, left = lowLeft - topLeft;
        out[p] = px === cx ? top + (lowRight - lowLeft - top) * fy : 0;
        out[p + 1] = py === cy ? left + (lowRight - topRight - left) * fx : 0;
      }
    }
  }
}

/**
 * Computes ∂/∂image of the backward warp on arrays: adds the gradient `dy` [T, H / s, W / s, C] of each sample to its
 * four pixels of `out` [N, H, W, C], by their weights. `out` starts with zeros.
 */
export function warpImageGradient(dy: Float32Array, flow: Float32Array, out: Float32Array, sizes: WarpSizes): void {
  const { images, flows, height, width, channels, stride } = sizes;
  const lastX = width - 1, lastY = height - 1, row = width * channels, center = (stride - 1) / 2;
  for (let t = 0, p = 0, o = 0; t < flows; t++) {
    const base = images === 1 ? 0 : t * height * row;
    for (let y = center; y < height; y += stride) {
      for (let x = center; x < width; x += stride, p += 2) {
        const px = x + flow[p]!, py = y + flow[p + 1]!;
        const cx = px > 0 ? px < lastX ? px : lastX : 0, cy = py > 0 ? py < lastY ? py : lastY : 0;
        const x0 = cx | 0, y0 = cy | 0, fx = cx - x0, fy = cy - y0;
        let a = base + y0 * row + x0 * channels;
        let b = x0 < lastX ? a + channels : a, c = y0 < lastY ? a + row : a, d = c + b - a;
        for (let k = 0; k < channels; k++, a++, b++, c++, d++) {
          const change = dy[o++]!, bottom = change * fy, top = change - bottom;
          out[a]! += top - top * fx;
          out[b]! += top * fx;
          out[c]! += bottom - bottom * fx;
          out[d]! += bottom * fx;
        }
      }
    }
  }
}
