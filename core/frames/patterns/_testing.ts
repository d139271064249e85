/** Synthetic patterns, still and moving, alone and with a ball that crosses them. */
import type { Image } from "../../contracts/frame.ts";

/** Size of the scenes in pixels. */
export const WIDTH = 160, HEIGHT = 96;

/** Radius of the ball, and its displacement between two source frames, in pixels. */
const RADIUS = 14, STEP = 8;

/** Periods of the patterns in pixels. */
export const PERIODS = [4, 6, 8, 12, 16, 24, 32];

/** Speeds of the patterns, in pixels between two source frames. */
export const SPEEDS = [0, 1, 2, 3, 4];

/** Phase of a position in periods, from 0 to 1. */
const phase = (position: number, period: number) => position / period - Math.floor(position / period);

/** Intensity level of a pattern at a pixel, of a period, moved by a distance along its normal. */
type Pattern = (x: number, y: number, period: number, moved: number) => number;

const stripes = (angle: number): Pattern => (x, y, period, moved) => {
  const across = x * Math.cos(angle) + y * Math.sin(angle) - moved;
  // Rounded, so that sums at the edge of a stripe do not depend on the last digit.
  return phase(Math.round(across * 1e6) / 1e6, period) < 0.5 ? 60 : 180;
};

/** The patterns by name. */
export const PATTERNS: Readonly<Record<string, Pattern>> = {
  vertical: stripes(0),
  horizontal: stripes(Math.PI / 2),
  diagonal: stripes(Math.PI / 4),
  slanted: stripes(Math.PI / 9),
  grid: (x, y, period, moved) => phase(x - moved, period) < 0.25 || phase(y, period) < 0.25 ? 180 : 60,
  dots: (x, y, period, moved) => {
    const [across, down] = [phase(x - moved, period) - 0.5, phase(y, period) - 0.5].map((part) => part * period);
    return 60 + 120 * Math.min(1, Math.max(0, period * 0.35 + 0.5 - Math.hypot(across!, down!)));
  },
  // Slats that are bright above and dark below.
  blinds: (_, y, period, moved) => 200 - 130 * phase(y - moved, period),
  checks: (x, y, period, moved) => (phase(x - moved, period) < 0.5) === (phase(y, period) < 0.5) ? 60 : 180,
};

/** Where the pattern is, and whether a ball moves. */
export const PLACES = ["alone", "behind", "beside"] as const;

/** A scene. */
export interface Scene {
  /** Name of the pattern. */
  readonly pattern: string;
  /** Period in pixels. */
  readonly period: number;
  /** Speed in pixels between two source frames. */
  readonly speed: number;
  /** `alone`: all over the frame. `behind`: also, with a ball before it. `beside`: below a ball on a plain ground that touches it. */
  readonly place: typeof PLACES[number];
}

/** Returns all scenes. */
export function allScenes(): Scene[] {
  return PLACES.flatMap((place) =>
    Object.keys(PATTERNS).flatMap((pattern) =>
      PERIODS.flatMap((period) =>
        SPEEDS.flatMap((speed) =>
          // A still pattern alone has nothing to interpolate.
          place === "alone" && speed === 0 ? [] : [{ pattern, period, speed, place }]
        )
      )
    )
  );
}

/** Draws a scene in 4:2:0 at a time, in source frames. */
export function drawScene({ pattern, period, speed, place }: Scene, time: number): Image {
  const luma = new Uint8Array(WIDTH * HEIGHT), chroma = new Uint8Array(WIDTH * HEIGHT / 4).fill(128);
  const draw = PATTERNS[pattern]!, horizon = place === "beside" ? HEIGHT * 0.6 : 0;
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i++) {
      const isBall = place !== "alone" && Math.hypot(x - 50 - time * STEP, y - 48) < RADIUS;
      luma[i] = isBall ? 230 : y < horizon ? 100 : Math.round(draw(x, y, period, speed * time));
    }
  }
  const format = { model: "yuv", depth: 8, chroma: [2, 2], alpha: false } as const;
  return {
    width: WIDTH,
    height: HEIGHT,
    format,
    color: { matrix: "bt709", range: "limited" },
    planes: [luma, chroma, chroma],
  };
}

/** Returns the PSNR of the luma of an image in dB, up to 60. */
export function lumaPsnr({ planes: [a] }: Image, { planes: [b] }: Image): number {
  let squares = 0;
  for (let i = 0; i < a!.length; i++) squares += (a![i]! - b![i]!) ** 2;
  return Math.min(60, 10 * Math.log10(255 ** 2 * a!.length / Math.max(squares, 1e-9)));
}
