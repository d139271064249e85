import type { Image } from "../contracts/frame.ts";
import type { Flow } from "./flo.ts";

/** Number of colors of the Middlebury color wheel between two hues: RY, YG, GC, CB, BM, MR. */
const STEPS = [15, 6, 4, 11, 13, 6] as const;
const HUES = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1], [1, 0, 0]] as const;

type Color = readonly [number, number, number];

/** The 55 colors of the wheel in [0, 1], rounded down to multiples of 1/255 as in the published code. */
const WHEEL: readonly Color[] = STEPS.flatMap((steps, hue) =>
  Array.from({ length: steps }, (_, i) => {
    const from = HUES[hue]!, to = HUES[hue + 1]!;
    return from.map((level, c) => {
      const change = Math.floor(255 * i / steps) / 255;
      return level + (to[c]! - level) * change;
    }) as unknown as Color;
  })
);

/** By Middlebury's convention, flow above this value is unknown; it is black in the image. */
const UNKNOWN = 1e9;

/** Returns the length of the longest known vector in pixels, the default scale of {@linkcode flowImage}. */
export function longestFlow({ values }: Flow): number {
  let longest = 0;
  for (let i = 0; i < values.length; i += 2) {
    const x = values[i]!, y = values[i + 1]!;
    if (isKnown(x, y)) longest = Math.max(longest, Math.hypot(x, y));
  }
  return longest;
}

/**
 * Renders flow as an 8-bit RGB image in Middlebury's color code: the hue is the direction (right is red, down is yellow), and
 * the saturation is the length relative to `longest`. Longer vectors are darker; unknown flow is black.
 *
 * @param longest Length with full saturation, in pixels. Images of several frames are comparable if they have the same.
 * @default {the longest vector of this flow}
 * @returns An image of the size of the flow.
 */
export function flowImage(flow: Flow, longest?: number): Image {
  const { width, height, values } = flow;
  const scale = (longest ?? longestFlow(flow)) || 1;
  const planes = [0, 1, 2].map(() => new Uint8Array(width * height));
  for (let i = 0; i < width * height; i++) {
    const x = values[2 * i]!, y = values[2 * i + 1]!;
    if (isKnown(x, y)) colorOf(x / scale, y / scale, (c, level) => planes[c]![i] = level);
  }
  return { width, height, format: { model: "rgb", depth: 8, chroma: [1, 1], alpha: false }, color: {}, planes };
}

function isKnown(x: number, y: number): boolean {
  return Math.abs(x) <= UNKNOWN && Math.abs(y) <= UNKNOWN;
}

/** Computes the color of a vector, as `computeColor` in Middlebury's code does. */
function colorOf(x: number, y: number, set: (channel: number, level: number) => void): void {
  const length = Math.hypot(x, y);
  const place = (Math.atan2(-y, -x) / Math.PI + 1) / 2 * (WHEEL.length - 1);
  const index = Math.floor(place), between = place - index;
  const from = WHEEL[index]!, to = WHEEL[(index + 1) % WHEEL.length]!;
  for (let c = 0; c < 3; c++) {
    const level = (1 - between) * from[c]! + between * to[c]!;
    set(c, Math.floor(255 * (length <= 1 ? 1 - length * (1 - level) : level * 0.75)));
  }
}
