import type { Image } from "../../contracts/frame.ts";
import { newPlane, planeSizes } from "../image.ts";

/** Mean of the weights of the pixels that one sample of a plane covers. */
function weightsFor(
  weights: Uint8Array,
  { width, height, format: { chroma: [stepX, stepY] } }: Image,
  [columns, rows]: readonly [number, number],
): Uint8Array {
  if (columns === width && rows === height) return weights;
  const means = new Uint8Array(columns * rows);
  for (let row = 0, k = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, k++) {
      let sum = 0, count = 0;
      for (let y = row * stepY; y < Math.min((row + 1) * stepY, height); y++) {
        for (let x = column * stepX; x < Math.min((column + 1) * stepX, width); x++, count++) {
          sum += weights[y * width + x]!;
        }
      }
      means[k] = sum / count;
    }
  }
  return means;
}

/**
 * A made picture with what stands still put back: there, by `weights` [H, W] of 0 to 255, the picture between `first` and
 * `second` at `t`, which differ by noise only, so that nothing jumps from one frame to the next.
 */
export function holdStill(made: Image, first: Image, second: Image, t: number, weights: Uint8Array): Image {
  const { width, height, format } = made;
  const planes = planeSizes(width, height, format).map((size, plane) => {
    const [a, b, filled] = [first.planes[plane]!, second.planes[plane]!, made.planes[plane]!];
    const share = weightsFor(weights, made, size), out = newPlane(format.depth, filled.length);
    for (let i = 0; i < out.length; i++) {
      const held = a[i]! + (b[i]! - a[i]!) * t, value = filled[i]!;
      out[i] = value + (held - value) * share[i]! / 255 + 0.5;
    }
    return out;
  });
  return { ...made, planes };
}
