import type { Random } from "../random.ts";
import type { Sample, SampleSource } from "../sample.ts";
import { render } from "./render.ts";
import { drawScene, type SceneOptions } from "./scene.ts";
import type { DrawTexture } from "./texture.ts";

/** Standard deviation of the logarithm of a sample's brightness. */
const GAIN = 0.15;
/** Largest standard deviation of the noise in the two outer frames. */
const NOISE = 0.02;
/** Range of times, except for the half of them that is 0.5. */
const TIMES = [0.1, 0.9] as const;

function brighten(image: Float32Array, gain: number): void {
  for (let i = 0; i < image.length; i++) image[i] = Math.min(1, image[i]! * gain);
}

/** Adds noise with a triangular distribution, which is ten times as fast as a normal one. */
function addNoise(random: Random, image: Float32Array, deviation: number): void {
  const width = deviation * Math.sqrt(6);
  for (let i = 0; i < image.length; i++) image[i]! += (random.next() - random.next()) * width;
}

/** Draws ascending times of `targets` frames; half of the single ones are 0.5. */
function drawTimes(random: Random, targets: number): number[] {
  if (targets === 1 && random.chance(0.5)) return [0.5];
  return Array.from({ length: targets }, () => random.between(...TIMES)).sort((a, b) => a - b);
}

/**
 * Creates a source of samples of layers with known motion: frames at any time and the flow of the topmost layer are exact.
 *
 * @param drawTexture Draws the textures of the layers, from images or procedurally.
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
