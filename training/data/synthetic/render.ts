import { inverseAt } from "./motion.ts";
import type { Layer, Scene } from "./scene.ts";

/** A rendered image of a scene. */
export interface Rendered {
  /** RGB in [0, 1], [size, size, 3]. */
  readonly image: Float32Array<ArrayBuffer>;
  /** Displacement of the topmost layer from time 0 to time 1 at each pixel, (dx, dy) in pixels, [size, size, 2]. */
  readonly displacement: Float32Array<ArrayBuffer>;
}

/** A layer is the topmost one where its coverage exceeds this. */
const COVERS = 0.5;

/** Index of the sample at `i` in a row of `size` that is mirrored about its outer samples. */
function mirror(i: number, size: number): number {
  const period = 2 * (size - 1), folded = ((i % period) + period) % period;
  return folded < size ? folded : period - folded;
}

/** Samples `mask` [P, P] at (x, y), bilinearly, with 0 outside. */
function coverage(mask: Float32Array, p: number, x: number, y: number): number {
  const left = Math.floor(x), top = Math.floor(y);
  if (left < 0 || top < 0 || left >= p - 1 || top >= p - 1) return 0;
  const fx = x - left, fy = y - top, i = top * p + left;
  const above = mask[i]! * (1 - fx) + mask[i + 1]! * fx;
  const below = mask[i + p]! * (1 - fx) + mask[i + p + 1]! * fx;
  return above * (1 - fy) + below * fy;
}

function paintLayer(
  { motion, texture, mask }: Layer,
  { size, textureSize: p }: Scene,
  t: number,
  into: Rendered,
): void {
  const { image, displacement } = into;
  const { m: [m00, m01, m10, m11], d } = inverseAt(motion, t);
  const { b, c } = motion, half = (size - 1) / 2, middle = (p - 1) / 2;
  for (let row = 0, i = 0; row < size; row++) {
    const y = row - half;
    for (let column = 0; column < size; column++, i++) {
      const x = column - half;
      const u = m00 * x + m01 * y + d[0], v = m10 * x + m11 * y + d[1];
      const tx = u + middle, ty = v + middle;
      const alpha = mask ? coverage(mask, p, tx, ty) : 1;
      if (alpha === 0) continue;
      const left = Math.floor(tx), top = Math.floor(ty), fx = tx - left, fy = ty - top;
      const isInside = left >= 0 && top >= 0 && left < p - 1 && top < p - 1;
      const x0 = isInside ? left : mirror(left, p), x1 = isInside ? left + 1 : mirror(left + 1, p);
      const y0 = (isInside ? top : mirror(top, p)) * p, y1 = (isInside ? top + 1 : mirror(top + 1, p)) * p;
      const a00 = (y0 + x0) * 3, a01 = (y0 + x1) * 3, a10 = (y1 + x0) * 3, a11 = (y1 + x1) * 3;
      const w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy;
      for (let k = 0; k < 3; k++) {
        const seen = texture[a00 + k]! * w00 + texture[a01 + k]! * w01 + texture[a10 + k]! * w10 +
          texture[a11 + k]! * w11;
        image[3 * i + k] = image[3 * i + k]! * (1 - alpha) + seen * alpha;
      }
      if (alpha > COVERS) {
        displacement[2 * i] = b[0] * u + b[1] * v + c[0];
        displacement[2 * i + 1] = b[2] * u + b[3] * v + c[1];
      }
    }
  }
}

/**
 * Renders the scene at time `t` in [0, 1], exact except for the bilinear sampling of its textures. At time 0 the
 * displacement is F(0→1), at time 1 it is −F(1→0).
 */
export function render(scene: Scene, t: number): Rendered {
  const { size, layers } = scene;
  const into = { image: new Float32Array(size * size * 3), displacement: new Float32Array(size * size * 2) };
  for (const layer of layers) paintLayer(layer, scene, t, into);
  return into;
}
