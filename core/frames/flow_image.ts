import type { Image } from "../contracts/frame.ts";
import type { Flow } from "./flo.ts";

/** Steps of the Middlebury color wheel from each hue to the next: RY, YG, GC, CB, BM, MR. */
const STEPS = [15, 6, 4, 11, 13, 6] as const;
const HUES = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1], [1, 0, 0]] as const;

type Color = readonly [number, number, number];

/** The wheel's 55 colors as bytes / 255; a step's color is rounded down to a byte as in the published code. */
const WHEEL: readonly Color[] = STEPS.flatMap((steps, hue) =>
  Array.from({ length: steps }, (_, i) => {
    const from = HUES[hue]!, to = HUES[hue + 1]!;
    return from.map((level, c) => {
      const change = Math.floor(255 * i / steps) / 255;
      return level + (to[c]! - level) * change;
    }) as unknown as Color;
  })
);

/** Flow beyond this is unknown by Middlebury's custom, and black in the picture. */
const UNKNOWN = 1e9;

/** The length of the longest known vector in pixels, by which {@linkcode flowImage} scales when it is not told. */
export function longestFlow({ values }: Flow): number {
  let longest = 0;
  for (let i = 0; i < values.length; i += 2) {
    const x = values[i]!, y = values[i + 1]!;
    if (isKnown(x, y)) longest = Math.max(longest, Math.hypot(x, y));
  }
  return longest;
}

/**
 * Flow as an 8-bit RGB picture in Middlebury's color code: the hue is the direction (right is red, down is yellow), the
 * saturation the length as a share of `longest`, and longer vectors are darkened. Give a whole clip the same `longest`, in
 * pixels, and its pictures can be compared; unsaid, the longest vector of this flow is taken.
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

/** `computeColor` of Middlebury's flow code. */
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
