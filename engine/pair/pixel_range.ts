import { add, div, mul, sub, tensor1d, type Tensor4D } from "@tensorflow/tfjs-core";
import type { WeightsFacts } from "@slomo/core";

/** Pixels as a weights file wants them: its range and mean, of which [0, 1] and 0 are the usual. */
export type PixelFacts = Pick<WeightsFacts, "pixelRange" | "mean">;

/** RGB in [0, 1] as any network of ours takes it that says nothing else. */
export const PLAIN_PIXELS: PixelFacts = { pixelRange: [0, 1], mean: [0, 0, 0] };

function isPlain({ pixelRange: [low, high], mean }: PixelFacts): boolean {
  return low === 0 && high === 1 && mean.every((value) => value === 0);
}

/** RGB in [0, 1] in the range of the networks; `plain` itself where that is the same. To be called within `tf.tidy`. */
export function toNetworkRange(plain: Tensor4D, pixels: PixelFacts): Tensor4D {
  if (isPlain(pixels)) return plain;
  const [low, high] = pixels.pixelRange;
  return sub(add(mul(plain, high - low), low), tensor1d([...pixels.mean]));
}

/** What a network gave, as RGB about [0, 1]; `frame` itself where that is the same. To be called within `tf.tidy`. */
export function toPlainRange(frame: Tensor4D, pixels: PixelFacts): Tensor4D {
  if (isPlain(pixels)) return frame;
  const [low, high] = pixels.pixelRange;
  return div(sub(add(frame, tensor1d([...pixels.mean])), low), high - low);
}
