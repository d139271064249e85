import type { Random } from "./random.ts";
import type { KnownFlow, Sample } from "./sample.ts";

/** Probabilities of augmentations, from 0 to 1. */
export interface AugmentOptions {
  /** Flip left to right. */
  readonly flipX: number;
  /** Flip top to bottom. */
  readonly flipY: number;
  /** Rotate by 90° clockwise. */
  readonly rotate: number;
  /** Reverse time. */
  readonly reverse: number;
  /** Permute the color channels. */
  readonly colors: number;
}

/** Augmentation of one sample: first the rotation, then the flips. */
export interface Augmentation {
  /** Rotates by 90° clockwise. */
  readonly rotate: boolean;
  /** Flips left to right. */
  readonly flipX: boolean;
  /** Flips top to bottom. */
  readonly flipY: boolean;
  /** Reverses time. */
  readonly reverse: boolean;
  /** Source channel of each channel. */
  readonly colors: readonly number[];
}

/** Draws the augmentation of one sample. */
export function drawAugmentation(random: Random, options: AugmentOptions): Augmentation {
  return {
    rotate: random.chance(options.rotate),
    flipX: random.chance(options.flipX),
    flipY: random.chance(options.flipY),
    reverse: random.chance(options.reverse),
    colors: random.chance(options.colors) ? random.permutation(3) : [0, 1, 2],
  };
}

/** Returns the source index of the output pixel (x, y), as `base + column · x + row · y`. */
function strides({ rotate, flipX, flipY }: Augmentation, size: number): { base: number; column: number; row: number } {
  const last = size - 1;
  // Rotated clockwise, the output pixel (x, y) comes from column y, row last − x.
  let [base, column, row] = rotate ? [last * size, -size, 1] : [0, 1, size];
  if (flipX) [base, column] = [base + column * last, -column];
  if (flipY) [base, row] = [base + row * last, -row];
  return { base, column, row };
}

function augmentImage(image: Float32Array, size: number, augmentation: Augmentation): Float32Array<ArrayBuffer> {
  const { base, column, row } = strides(augmentation, size),
    [c0, c1, c2] = augmentation.colors as [number, number, number];
  const out = new Float32Array(image.length);
  for (let y = 0, target = 0; y < size; y++) {
    for (let x = 0, from = 3 * (base + row * y); x < size; x++, from += 3 * column, target += 3) {
      out[target] = image[from + c0]!;
      out[target + 1] = image[from + c1]!;
      out[target + 2] = image[from + c2]!;
    }
  }
  return out;
}

function augmentFlow(flow: Float32Array, size: number, augmentation: Augmentation): Float32Array<ArrayBuffer> {
  const { base, column, row } = strides(augmentation, size);
  const signX = augmentation.flipX ? -1 : 1, signY = augmentation.flipY ? -1 : 1;
  const out = new Float32Array(flow.length);
  for (let y = 0, target = 0; y < size; y++) {
    for (let x = 0, from = 2 * (base + row * y); x < size; x++, from += 2 * column, target += 2) {
      const dx = flow[from]!, dy = flow[from + 1]!;
      out[target] = signX * (augmentation.rotate ? -dy : dx);
      out[target + 1] = signY * (augmentation.rotate ? dx : dy);
    }
  }
  return out;
}

/** Returns the augmented sample, its known flow included. */
export function augmentSample(sample: Sample, augmentation: Augmentation): Sample {
  const { size, flow } = sample;
  const image = (values: Float32Array) => augmentImage(values, size, augmentation);
  const augmentedFlow: KnownFlow | undefined = flow && {
    forward: augmentFlow(flow.forward, size, augmentation),
    backward: augmentFlow(flow.backward, size, augmentation),
  };
  const augmented: Sample = {
    size,
    first: image(sample.first),
    second: image(sample.second),
    groundTruths: sample.groundTruths.map(image),
    times: sample.times,
    flow: augmentedFlow,
  };
  if (!augmentation.reverse) return augmented;
  return {
    size,
    first: augmented.second,
    second: augmented.first,
    groundTruths: augmented.groundTruths.toReversed(),
    times: augmented.times.map((t) => 1 - t).reverse(),
    flow: augmentedFlow && { forward: augmentedFlow.backward, backward: augmentedFlow.forward },
  };
}
