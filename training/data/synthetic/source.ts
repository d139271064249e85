import type { Random } from "../random.ts";
import type { Sample, SampleSource } from "../sample.ts";
import { render } from "./render.ts";
import { drawScene, type SceneOptions } from "./scene.ts";
import type { DrawTexture } from "./texture.ts";

/** Deviation of the logarithm of a sample's brightness. */
const GAIN = 0.15;
/** The largest deviation of the noise in the two outer frames. */
const NOISE = 0.02;
/** Times of targets, but for the half of them that is 0.5. */
const TIMES = [0.1, 0.9] as const;

function brighten(image: Float32Array, gain: number): void {
  for (let i = 0; i < image.length; i++) image[i] = Math.min(1, image[i]! * gain);
}

/** Adds noise of a triangular distribution, which costs a tenth of a normal one. */
function addNoise(random: Random, image: Float32Array, deviation: number): void {
  const width = deviation * Math.sqrt(6);
  for (let i = 0; i < image.length; i++) image[i]! += (random.next() - random.next()) * width;
}

/** Times for `targets` frames, rising: half of the single ones lie in the middle. */
function drawTimes(random: Random, targets: number): number[] {
  if (targets === 1 && random.chance(0.5)) return [0.5];
  return Array.from({ length: targets }, () => random.between(...TIMES)).sort((a, b) => a - b);
}

/**
 * Samples of layers that move on known paths: frames at any time are exact, and so is the flow of the topmost layer.
 *
 * @param drawTexture Makes the layers' textures: from images, or from nothing.
 */
export function syntheticSource(drawTexture: DrawTexture, options: SceneOptions = {}): SampleSource {
  return {
    draw(random, size, targets): Sample {
      const scene = drawScene(random, size, drawTexture, options), times = drawTimes(random, targets);
      const start = render(scene, 0), end = render(scene, 1);
      const groundTruths = times.map((t) => render(scene, t).image);
      const gain = Math.exp(random.normal() * GAIN);
      for (const image of [start.image, end.image, ...groundTruths]) brighten(image, gain);
      const noise = random.next() * NOISE;
      addNoise(random, start.image, noise);
      addNoise(random, end.image, noise);
      const flow = { forward: start.displacement, backward: end.displacement.map((value) => -value) };
      return { size, first: start.image, second: end.image, groundTruths, times, flow };
    },
  };
}
