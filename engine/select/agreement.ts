import type { Image } from "@slomo/core";
import type { ComputePrecision } from "../backend.ts";

/** Differences between two frames, relative to the range of their samples. */
export interface Difference {
  /** The largest of all samples. */
  readonly largest: number;
  /** The mean of all samples. */
  readonly mean: number;
}

/**
 * The differences from float32 on the CPU up to which a device computes correctly. Other orders of summation, and TF32 on
 * NVIDIA's cards, change single samples by up to 1e-3 of the range; float16 changes them by up to 1e-2. A wrong convolution
 * changes them by 1e-1 and more. Single samples may differ more at edges that the flow moves.
 */
const LIMITS: Readonly<Record<ComputePrecision, Difference>> = {
  float32: { largest: 0.02, mean: 0.001 },
  float16: { largest: 0.1, mean: 0.005 },
  bfloat16: { largest: 0.2, mean: 0.01 },
};

/** Returns whether a device that computes in a precision agrees with float32 on the CPU. */
export function agrees({ largest, mean }: Difference, precision: ComputePrecision): boolean {
  const limit = LIMITS[precision];
  return largest <= limit.largest && mean <= limit.mean;
}

/** Returns the differences between frames of the same size and pixel format. */
export function differenceOf(found: Image, expected: Image): Difference {
  let largest = 0, sum = 0, count = 0;
  expected.planes.forEach((plane, p) =>
    plane.forEach((value, i) => {
      const difference = Math.abs(value - found.planes[p]![i]!);
      largest = Math.max(largest, difference);
      sum += difference;
      count++;
    })
  );
  const range = 2 ** expected.format.depth - 1;
  return { largest: largest / range, mean: sum / count / range };
}

/** Returns a frame pair of a textured image that moves by 3 pixels to the right and 1 down, RGB with 16 bits. */
export function samplePair(width: number, height: number): readonly [Image, Image] {
  const frame = (number: number): Image => ({
    width,
    height,
    format: { model: "rgb", depth: 16, chroma: [1, 1], alpha: false },
    color: {},
    planes: [0, 1, 2].map((channel) =>
      Uint16Array.from({ length: width * height }, (_, i) => {
        const x = i % width - 3 * number, y = Math.floor(i / width) - number;
        const wave = Math.sin(0.3 * x + channel) * Math.cos(0.2 * y + x / 40);
        const squares = (Math.floor(x / 13) + Math.floor(y / 11)) % 2;
        return 32768 * (1 + 0.6 * wave + 0.3 * squares);
      })
    ),
  });
  return [frame(0), frame(1)];
}
