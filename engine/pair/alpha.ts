/**
 * Multiplies colors [H, W, 3] by alpha [H, W], in place: what is blended or warped must be weighed by how far it is seen,
 * or the color under transparent pixels bleeds into the edges.
 *
 * @throws {RangeError} If the sizes differ.
 */
export function premultiply(rgb: Float32Array, alpha: Float32Array): void {
  checkSizes("premultiply", rgb, alpha);
  for (let i = 0, o = 0; i < alpha.length; i++, o += 3) {
    const a = alpha[i]!;
    rgb[o]! *= a;
    rgb[o + 1]! *= a;
    rgb[o + 2]! *= a;
  }
}

/**
 * Undoes {@linkcode premultiply}, in place. A pixel that no format could tell from a transparent one (alpha below half of a
 * 16-bit code) has no color left and becomes black.
 *
 * @throws {RangeError} If the sizes differ.
 */
export function unpremultiply(rgb: Float32Array, alpha: Float32Array): void {
  checkSizes("unpremultiply", rgb, alpha);
  for (let i = 0, o = 0; i < alpha.length; i++, o += 3) {
    const a = alpha[i]!, scale = a < 0.5 / 65535 ? 0 : 1 / a;
    rgb[o]! *= scale;
    rgb[o + 1]! *= scale;
    rgb[o + 2]! *= scale;
  }
}

function checkSizes(name: string, rgb: Float32Array, alpha: Float32Array): void {
  if (rgb.length !== 3 * alpha.length) {
    throw new RangeError(`${name}: rgb must hold ${3 * alpha.length} values, got ${rgb.length}`);
  }
}
