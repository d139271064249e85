import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../data/batch.ts";
import type { Networks } from "@slomo/core/manifest";
import { meanScores, measure, type Scores } from "../metrics/measure.ts";
import { groupByMotion, motionBetween } from "../metrics/motion.ts";
import type { RgbImage } from "../metrics/rgb_image.ts";
import { type NetworkParameters, runNetworks } from "./forward.ts";
import { createMicroBatch, disposeMicroBatch } from "./micro_batch.ts";

/** Images of one validation sample. */
export interface ValidationSample {
  /** I0. */
  readonly first: RgbImage;
  /** Blend of the outer frames, weighted by time. */
  readonly blend: RgbImage;
  /** Interpolated frame. */
  readonly interpolated: RgbImage;
  /** Ground truth. */
  readonly groundTruth: RgbImage;
  /** F(0→1) in pixels, (dx, dy) row by row. */
  readonly flow?: Float32Array | undefined;
  /** V(t←0) in [0, 1]. */
  readonly visibility?: Float32Array | undefined;
}

/** Scores of the samples of a class of motion. */
export interface MotionScores {
  /** Name of the class: `small`, `medium` or `large`. */
  readonly name: string;
  /** Number of samples. */
  readonly samples: number;
  /** Means of the networks' scores. */
  readonly scores: Scores;
}

/** Result of a validation. */
export interface Validation {
  /** Scores of the networks, frames rounded to 8 bits. */
  readonly scores: Scores;
  /** Scores of the networks by the motion between the source frames, for classes with samples. */
  readonly byMotion: readonly MotionScores[];
  /** Scores of blending. */
  readonly blend: Scores;
  /** Some of the samples, in their order. */
  readonly samples: readonly ValidationSample[];
}

/** Largest PSNR in a mean, in dB: equal images would make the mean infinite. */
const CAP = 100;

function toPicture(values: Float32Array, size: number): RgbImage {
  const pixels = new Uint8Array(size * size * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(255, Math.max(0, values[i]! * 255 + 0.5));
  return { width: size, height: size, pixels };
}

async function show(networks: Networks, parameters: NetworkParameters, batch: Batch): Promise<ValidationSample> {
  const { size, first, second, groundTruths, times } = batch, t = times[0]!;
  const microBatch = createMicroBatch(batch, 0);
  const tensors = tf.tidy(() => {
    const { flow, output } = runNetworks(networks, parameters, microBatch);
    const kept = { frames: output.frames, flow: flow?.forward, visibility: output.visibility };
    return Object.fromEntries(Object.entries(kept).filter(([, tensor]) => tensor)) as tf.NamedTensorMap;
  });
  const [frames, flow, visibility] = await Promise.all(
    ["frames", "flow", "visibility"].map((name) => tensors[name]?.data() as Promise<Float32Array> | undefined),
  );
  tf.dispose(tensors);
  disposeMicroBatch(microBatch);
  return {
    first: toPicture(first, size),
    blend: toPicture(first.map((value, i) => (1 - t) * value + t * second[i]!), size),
    interpolated: toPicture(frames!, size),
    groundTruth: toPicture(groundTruths, size),
    flow,
    visibility,
  };
}

const capped = (scores: Scores): Scores => ({ ...scores, psnr: Math.min(CAP, scores.psnr) });

/**
 * Runs the networks on batches of one pair and one target each, and measures the interpolated frames.
 *
 * @param shown Number of samples to return with their images.
 */
export async function validate(
  networks: Networks,
  parameters: NetworkParameters,
  batches: Iterable<Batch>,
  shown: number,
): Promise<Validation> {
  const samples: ValidationSample[] = [], blend: Scores[] = [];
  const measured: { readonly motion: number; readonly scores: Scores }[] = [];
  for (const batch of batches) {
    const sample = await show(networks, parameters, batch);
    measured.push({
      motion: motionBetween(sample.first, toPicture(batch.second, batch.size)),
      scores: capped(measure(sample.interpolated, sample.groundTruth)),
    });
    blend.push(capped(measure(sample.blend, sample.groundTruth)));
    if (samples.length < shown) samples.push(sample);
  }
  const mean = (group: readonly (typeof measured)[number][]) => meanScores(group.map(({ scores }) => scores));
  const byMotion = groupByMotion(measured, ({ motion }) => motion).map(([name, group]) => ({
    name,
    samples: group.length,
    scores: mean(group),
  }));
  return { scores: mean(measured), byMotion, blend: meanScores(blend), samples };
}
