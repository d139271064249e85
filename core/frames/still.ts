/** Finds what stands still while the rest moves, and writes it into the frames' facts. */
import type { Frame, Image } from "../contracts/frame.ts";
import { newPlane, planeSizes } from "./image.ts";

/** What stands still does so for this many steps from frame to frame, or for all of a shorter shot. */
const RUN = 3;

/** The most frames that are held back while steps are looked for beyond repeats. */
const MOST_AHEAD = 6;

/** A frame, and where it shows the same as the one before; nowhere known at a cut and in a repeat. */
interface Seen {
  readonly frame: Frame;
  readonly same: Uint8Array<ArrayBuffer> | undefined;
}

const beginsShot = ({ frame }: Seen) => frame.facts.cut === true;

/** Steps after the first of `waiting` in the same shot, the nearest first. */
function following(waiting: readonly Seen[]): Uint8Array[] {
  const cut = waiting.findIndex((seen, i) => i > 0 && beginsShot(seen));
  const shot = waiting.slice(1, cut < 0 ? undefined : cut);
  return shot.flatMap(({ same }) => same ?? []).slice(0, RUN - 1);
}

/** Ones where a run of `RUN` steps about `now`, or all of them if there are fewer, show the same. */
function steady(now: Uint8Array, past: readonly Uint8Array[], future: readonly Uint8Array[]): Uint8Array {
  const steps = [...past, now, ...future], at = past.length, length = Math.min(RUN, steps.length);
  const mask = new Uint8Array(now.length);
  for (let begin = Math.max(0, at - length + 1); begin <= at && begin + length <= steps.length; begin++) {
    const run = steps.slice(begin, begin + length);
    for (let i = 0; i < mask.length; i++) if (now[i] && run.every((step) => step[i])) mask[i] = 1;
  }
  return mask;
}

/**
 * Passes frames on with `facts.still` set, but at cuts and in repeats: how far each pixel stands still between the frame before
 * and this one. It does where no component differs by more than noise, over three steps in a row of the same shot, together
 * with its neighbors; the edge is soft. Frames must bring their cuts along, and their repeats if these are to be looked
 * through.
 *
 * Holds six frames back at most.
 */
export async function* annotateStill(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  let past: Uint8Array[] = [], last: Frame | undefined;
  const waiting: Seen[] = [];
  const next = (): Frame => {
    const seen = waiting[0]!, { frame, same } = seen, { width, height } = frame.image;
    if (beginsShot(seen)) past = [];
    const still = same && soften(steady(same, past, following(waiting)), width, height);
    if (same) past = [...past, same].slice(1 - RUN);
    waiting.shift();
    return still ? { ...frame, facts: { ...frame.facts, still } } : frame;
  };
  for await (const frame of frames) {
    const isStep = last && !frame.facts.cut && !frame.facts.duplicate &&
      last.image.width === frame.image.width && last.image.height === frame.image.height;
    waiting.push({ frame, same: isStep ? sameWhere(last!.image, frame.image) : undefined });
    last = frame;
    while (waiting.length > MOST_AHEAD || following(waiting).length >= RUN - 1) yield next();
  }
  while (waiting.length > 0) yield next();
}

/** A pixel stands still if no component differs by more than this many levels of 8 bit: coding noise. */
const NOISE = 6;

/** A pixel stands still only with this many of its 3 × 3 neighborhood, itself counted: chance hits stand alone. */
const LEAST_NEIGHBOURS = 4;

/** Where two pictures of one size and layout show the same, pixel by pixel [H, W]: 1, elsewhere 0. */
function sameWhere(a: Image, b: Image): Uint8Array<ArrayBuffer> {
  const { width, height, format } = a, limit = NOISE * 2 ** (format.depth - 8);
  const same = new Uint8Array(width * height).fill(1);
  planeSizes(width, height, format).forEach(([columns, rows], plane) => {
    const first = a.planes[plane]!, second = b.planes[plane]!;
    const stepX = columns === width ? 1 : format.chroma[0], stepY = rows === height ? 1 : format.chroma[1];
    for (let row = 0, k = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, k++) {
        if (Math.abs(first[k]! - second[k]!) <= limit) continue;
        const right = Math.min((column + 1) * stepX, width), bottom = Math.min((row + 1) * stepY, height);
        for (let y = row * stepY; y < bottom; y++) same.fill(0, y * width + column * stepX, y * width + right);
      }
    }
  });
  return same;
}

/** Sums of each 3 × 3 neighborhood, edges cut off. */
function sums(mask: Uint8Array, width: number, height: number): Uint8Array {
  const rows = new Uint8Array(mask.length), all = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      rows[i] = mask[i]! + (x > 0 ? mask[i - 1]! : 0) + (x < width - 1 ? mask[i + 1]! : 0);
    }
  }
  for (let i = 0; i < mask.length; i++) all[i] = rows[i]! + (rows[i - width] ?? 0) + (rows[i + width] ?? 0);
  return all;
}

/**
 * Weights [H, W] from 0 (moves) to 255 (stands still) of a mask of ones and zeros: lone pixels are left out, and the edge is
 * soft on the side that moves.
 */
function soften(mask: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const neighbors = sums(mask, width, height);
  const solid = mask.map((one, i) => one && neighbors[i]! >= LEAST_NEIGHBOURS ? 1 : 0);
  const near = sums(solid, width, height);
  return Uint8Array.from(solid, (one, i) => one ? 255 : Math.round(255 * 0.75 * near[i]! / 9));
}

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
