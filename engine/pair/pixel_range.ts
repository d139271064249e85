import { add, div, mul, sub, tensor1d, type Tensor4D } from "@tensorflow/tfjs-core";
import type { WeightsFacts } from "@slomo/core";

/** Range and mean of the pixel values that a weights file expects; [0, 1] and 0 are usual. */
export type PixelFacts = Pick<WeightsFacts, "pixelRange" | "mean">;

/** The default: RGB in [0, 1]. */
export const PLAIN_PIXELS: PixelFacts = { pixelRange: [0, 1], mean: [0, 0, 0] };

function isPlain({ pixelRange: [low, high], mean }: PixelFacts): boolean {
  return low === 0 && high === 1 && mean.every((value) => value === 0);
}

/** Converts RGB in [0, 1] to the range of the networks; returns `plain` itself if that is the same. Call it within `tf.tidy`. */
export function toNetworkRange(plain: Tensor4D, pixels: PixelFacts): Tensor4D {
  if (isPlain(pixels)) return plain;
  const [low, high] = pixels.pixelRange;
  return sub(add(mul(plain, high - low), low), tensor1d([...pixels.mean]));
}

/** Converts the output of a network to RGB about [0, 1]; returns `frame` itself if that is the same. Call it within `tf.tidy`. */
export function toPlainRange(frame: Tensor4D, pixels: PixelFacts): Tensor4D {
  if (isPlain(pixels)) return frame;
  const [low, high] = pixels.pixelRange;
  return div(sub(add(frame, tensor1d([...pixels.mean])), low), high - low);
}
