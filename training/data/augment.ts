import type { Random } from "./random.ts";
import type { KnownFlow, Sample } from "./sample.ts";

/** How often each change is made, as shares from 0 to 1. */
export interface AugmentOptions {
  /** Left and right exchanged. */
  readonly flipX: number;
  /** Above and below exchanged. */
  readonly flipY: number;
  /** A quarter turn. */
  readonly turn: number;
  /** The last frame first. */
  readonly reverse: number;
  /** Red, green and blue in another order. */
  readonly colors: number;
}

/** What is done to a sample; the quarter turn (clockwise) comes first, then the flips. */
export interface Change {
  /** A quarter turn. */
  readonly turn: boolean;
  /** Left and right exchanged. */
  readonly flipX: boolean;
  /** Above and below exchanged. */
  readonly flipY: boolean;
  /** The last frame first. */
  readonly reverse: boolean;
  /** For each channel the one it is taken from. */
  readonly colors: readonly number[];
}

/** Draws what is done to one sample. */
export function drawChange(random: Random, options: AugmentOptions): Change {
  return {
    turn: random.chance(options.turn),
    flipX: random.chance(options.flipX),
    flipY: random.chance(options.flipY),
    reverse: random.chance(options.reverse),
    colors: random.chance(options.colors) ? random.permutation(3) : [0, 1, 2],
  };
}

/** Pixel of the old picture from which each pixel of the new one comes: `base + column · x + row · y`. */
function strides({ turn, flipX, flipY }: Change, size: number): { base: number; column: number; row: number } {
  const last = size - 1;
  // Turned clockwise, the new pixel (x, y) comes from column y, row last − x.
  let [base, column, row] = turn ? [last * size, -size, 1] : [0, 1, size];
  if (flipX) [base, column] = [base + column * last, -column];
  if (flipY) [base, row] = [base + row * last, -row];
  return { base, column, row };
}

function changePicture(picture: Float32Array, size: number, change: Change): Float32Array<ArrayBuffer> {
  const { base, column, row } = strides(change, size), [c0, c1, c2] = change.colors as [number, number, number];
  const out = new Float32Array(picture.length);
  for (let y = 0, target = 0; y < size; y++) {
    for (let x = 0, from = 3 * (base + row * y); x < size; x++, from += 3 * column, target += 3) {
      out[target] = picture[from + c0]!;
      out[target + 1] = picture[from + c1]!;
      out[target + 2] = picture[from + c2]!;
    }
  }
  return out;
}

function changeFlow(flow: Float32Array, size: number, change: Change): Float32Array<ArrayBuffer> {
  const { base, column, row } = strides(change, size);
  const signX = change.flipX ? -1 : 1, signY = change.flipY ? -1 : 1;
  const out = new Float32Array(flow.length);
  for (let y = 0, target = 0; y < size; y++) {
    for (let x = 0, from = 2 * (base + row * y); x < size; x++, from += 2 * column, target += 2) {
      const dx = flow[from]!, dy = flow[from + 1]!;
      out[target] = signX * (change.turn ? -dy : dx);
      out[target + 1] = signY * (change.turn ? dx : dy);
    }
  }
  return out;
}

/** The sample after a change, its flow turned along. */
export function changeSample(sample: Sample, change: Change): Sample {
  const { size, flow } = sample;
  const picture = (values: Float32Array) => changePicture(values, size, change);
  const turned: KnownFlow | undefined = flow && {
    forward: changeFlow(flow.forward, size, change),
    backward: changeFlow(flow.backward, size, change),
  };
  const changed: Sample = {
    size,
    first: picture(sample.first),
    second: picture(sample.second),
    truths: sample.truths.map(picture),
    times: sample.times,
    flow: turned,
  };
  if (!change.reverse) return changed;
  return {
    size,
    first: changed.second,
    second: changed.first,
    truths: changed.truths.toReversed(),
    times: changed.times.map((t) => 1 - t).reverse(),
    flow: turned && { forward: turned.backward, backward: turned.forward },
  };
}
