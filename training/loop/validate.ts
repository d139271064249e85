import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../data/batch.ts";
import type { Networks } from "@slomo/core/manifest";
import { meanScores, measure, type Scores } from "../metrics/measure.ts";
import type { Picture } from "../metrics/picture.ts";
import { type NetworkParameters, runNetworks } from "./forward.ts";
import { disposeUnit, makeUnit } from "./units.ts";

/** One sample as people look at it. */
export interface ValidationSample {
  /** I0. */
  readonly first: Picture;
  /** The outer frames blended by time. */
  readonly blend: Picture;
  /** What the networks made. */
  readonly made: Picture;
  /** The true frame. */
  readonly truth: Picture;
  /** F(0→1) in pixels, (dx, dy) row by row. */
  readonly flow?: Float32Array | undefined;
  /** V(t←0) in [0, 1]. */
  readonly visibility?: Float32Array | undefined;
}

/** What validation found. */
export interface Validation {
  /** Of the networks, rounded to 8 bit. */
  readonly scores: Scores;
  /** Of blending. */
  readonly blend: Scores;
  /** Some of the samples, in their order. */
  readonly samples: readonly ValidationSample[];
}

/** The highest PSNR that a mean counts, in dB: equal pictures would make it infinite. */
const CAP = 100;

function toPicture(values: Float32Array, size: number): Picture {
  const levels = new Uint8Array(size * size * 3);
  for (let i = 0; i < levels.length; i++) levels[i] = Math.min(255, Math.max(0, values[i]! * 255 + 0.5));
  return { width: size, height: size, levels };
}

async function show(networks: Networks, parameters: NetworkParameters, batch: Batch): Promise<ValidationSample> {
  const { size, first, second, truths, times } = batch, t = times[0]!;
  const unit = makeUnit(batch, 0);
  const tensors = tf.tidy(() => {
    const { flow, output } = runNetworks(networks, parameters, unit);
    const kept = { frames: output.frames, flow: flow?.forward, visibility: output.visibility };
    return Object.fromEntries(Object.entries(kept).filter(([, tensor]) => tensor)) as tf.NamedTensorMap;
  });
  const [frames, flow, visibility] = await Promise.all(
    ["frames", "flow", "visibility"].map((name) => tensors[name]?.data() as Promise<Float32Array> | undefined),
  );
  tf.dispose(tensors);
  disposeUnit(unit);
  return {
    first: toPicture(first, size),
    blend: toPicture(first.map((value, i) => (1 - t) * value + t * second[i]!), size),
    made: toPicture(frames!, size),
    truth: toPicture(truths, size),
    flow,
    visibility,
  };
}

const capped = (scores: Scores): Scores => ({ ...scores, psnr: Math.min(CAP, scores.psnr) });

/**
 * Runs the networks on batches of one pair and one target each, and measures what they make.
 *
 * @param shown How many samples come along for people.
 */
export async function validate(
  networks: Networks,
  parameters: NetworkParameters,
  batches: readonly Batch[],
  shown: number,
): Promise<Validation> {
  const samples: ValidationSample[] = [], made: Scores[] = [], blend: Scores[] = [];
  for (const batch of batches) {
    const sample = await show(networks, parameters, batch);
    made.push(capped(measure(sample.made, sample.truth)));
    blend.push(capped(measure(sample.blend, sample.truth)));
    if (samples.length < shown) samples.push(sample);
  }
  return { scores: meanScores(made), blend: meanScores(blend), samples };
}
