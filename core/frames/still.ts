/** Detection of static pixels, such as logos and subtitles over moving video, and their restoration. */
import type { Frame, Image } from "../contracts/frame.ts";
import { newPlane, planeSizes } from "./image.ts";

/** Minimum number of frame pairs in a row for which a static pixel stays the same, unless the shot is shorter. */
const RUN = 3;

/** Maximum look-ahead, in frames. */
const MAX_AHEAD = 6;

/** Number of frames after a frame that its still regions depend on. */
export const STILL_AHEAD = MAX_AHEAD;

/** Number of frame pairs up to a frame, in its shot and without duplicates, that its still regions depend on. */
export const STILL_STEPS = RUN;

/** A frame, and a mask of the pixels that did not change since the previous frame; without a mask at cuts and duplicates. */
interface Waiting {
  readonly frame: Frame;
  readonly same: Uint8Array<ArrayBuffer> | undefined;
}

const beginsShot = ({ frame }: Waiting) => frame.facts.cut === true;

/** Returns the masks after the first frame of `waiting` in the same shot, the nearest first. */
function following(waiting: readonly Waiting[]): Uint8Array[] {
  const cut = waiting.findIndex((seen, i) => i > 0 && beginsShot(seen));
  const shot = waiting.slice(1, cut < 0 ? undefined : cut);
  return shot.flatMap(({ same }) => same ?? []).slice(0, RUN - 1);
}

/** Returns a mask of the pixels that stay the same in `RUN` consecutive masks around `now`, or in all if there are fewer. */
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
 * Yields the frames with `facts.still`, except at cuts and duplicates: static weights of the pixels since the previous frame. A
 * pixel is static if no component changes by more than noise in three frame pairs in a row of the same shot, and neighboring
 * pixels are static too. Edges are soft.
 *
 * Reads up to six frames ahead.
 *
 * @param frames Frames in presentation order, with `facts.cut`, and with `facts.duplicate` if duplicate frames shall not count.
 */
export async function* annotateStill(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  let past: Uint8Array[] = [], last: Frame | undefined;
  const waiting: Waiting[] = [];
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
    while (waiting.length > MAX_AHEAD || following(waiting).length >= RUN - 1) yield next();
  }
  while (waiting.length > 0) yield next();
}

/** Maximum change of a static pixel by coding noise, in 8-bit intensity levels. */
const NOISE = 6;

/** Minimum number of static pixels in the 3 × 3 neighborhood of a static pixel, including itself. */
const MIN_NEIGHBORS = 4;

/** Returns a mask [H, W] of the pixels that are the same in two images of one size and pixel format: 1, elsewhere 0. */
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

/** Returns the sum of each 3 × 3 neighborhood, without pixels outside of the image. */
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
 * Converts a mask of zeros and ones to weights [H, W] from 0 (moves) to 255 (static). Isolated pixels are removed, and edges
 * are soft on the moving side.
 */
function soften(mask: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const neighbors = sums(mask, width, height);
  const solid = mask.map((one, i) => one && neighbors[i]! >= MIN_NEIGHBORS ? 1 : 0);
  const near = sums(solid, width, height);
  return Uint8Array.from(solid, (one, i) => one ? 255 : Math.round(255 * 0.75 * near[i]! / 9));
}

/** Returns the mean weight of the pixels that each sample of a plane covers. */
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
 * Restores the static pixels of an interpolated frame. They become the linear blend of the source frames at `t`, which differ
 * by noise only, so that no jumps are visible.
 *
 * @param interpolated Interpolated frame.
 * @param t Time between the source frames, in (0, 1).
 * @param weights Static weights [H, W] from 0 to 255, as `facts.still` of the second frame.
 */
export function restoreStill(interpolated: Image, first: Image, second: Image, t: number, weights: Uint8Array): Image {
  const { width, height, format } = interpolated;
  const planes = planeSizes(width, height, format).map((size, plane) => {
    const [a, b, values] = [first.planes[plane]!, second.planes[plane]!, interpolated.planes[plane]!];
    const share = weightsFor(weights, interpolated, size), out = newPlane(format.depth, values.length);
    for (let i = 0; i < out.length; i++) {
      const blend = a[i]! + (b[i]! - a[i]!) * t, value = values[i]!;
      out[i] = value + (blend - value) * share[i]! / 255 + 0.5;
    }
    return out;
  });
  return { ...interpolated, planes };
}
