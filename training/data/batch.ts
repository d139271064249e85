import { type AugmentOptions, augmentSample, drawAugmentation } from "./augment.ts";
import { random } from "./random.ts";
import type { KnownFlow, Sample, SampleSource } from "./sample.ts";

/** A crop size and its batch size. */
export interface CropChoice {
  /** Width and height in pixels. */
  readonly size: number;
  /** Samples per batch. */
  readonly batch: number;
  /** Relative probability. */
  readonly weight: number;
}

/** Settings of batches; plain data that can be posted to a worker. */
export interface BatchPlan {
  /** Seed: the same seed gives the same batches. */
  readonly seed: number;
  /** Sizes to draw from. */
  readonly crops: readonly CropChoice[];
  /** Ground-truth frames per sample, 1 to 7. */
  readonly targets: number;
  /** Augmentations of each sample. */
  readonly augment: AugmentOptions;
}

/** A data source with its share of the batches. */
export interface WeightedSource {
  /** Name for reports. */
  readonly name: string;
  /** Relative probability. */
  readonly weight: number;
  /** The source. */
  readonly source: SampleSource;
}

/** Samples of one size: N frame pairs, K ground-truth frames each. All frames are RGB in [0, 1], [size, size, 3], concatenated. */
export interface Batch {
  /** Position in the run, from 0. */
  readonly index: number;
  /** Name of the data source. */
  readonly source: string;
  /** Width and height in pixels. */
  readonly size: number;
  /** N, the number of frame pairs. */
  readonly pairs: number;
  /** K, the number of ground-truth frames per pair. */
  readonly targets: number;
  /** First frames, N. */
  readonly first: Float32Array<ArrayBuffer>;
  /** Second frames, N. */
  readonly second: Float32Array<ArrayBuffer>;
  /** Ground-truth frames, N · K: all targets of the first pair, then those of the second. */
  readonly groundTruths: Float32Array<ArrayBuffer>;
  /** Times of `groundTruths`. */
  readonly times: Float32Array<ArrayBuffer>;
  /** Known flow of the N pairs, if the source has it. */
  readonly flow?: KnownFlow | undefined;
}

function join(arrays: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}

/** Joins samples of one size and one number of targets to a batch. The batch has known flow if all samples have it. */
export function joinSamples(samples: readonly Sample[], index: number, source: string): Batch {
  const { size, times: { length: targets } } = samples[0]!;
  const flows = samples.flatMap(({ flow }) => flow ?? []);
  return {
    index,
    source,
    size,
    pairs: samples.length,
    targets,
    first: join(samples.map(({ first }) => first)),
    second: join(samples.map(({ second }) => second)),
    groundTruths: join(samples.flatMap(({ groundTruths }) => groundTruths)),
    times: Float32Array.from(samples.flatMap(({ times }) => times)),
    flow: flows.length < samples.length ? undefined : {
      forward: join(flows.map(({ forward }) => forward)),
      backward: join(flows.map(({ backward }) => backward)),
    },
  };
}

/**
 * Draws the batch at a position of the run. It depends only on the plan, the sources and the position: any number of
 * workers can draw batches in any order, and a resumed run sees the batches that it would have seen.
 */
export function drawBatch(plan: BatchPlan, sources: readonly WeightedSource[], index: number): Batch {
  const choice = random(plan.seed, "batch", index);
  const { name, source } = sources[choice.weighted(sources.map(({ weight }) => weight))]!;
  const { size, batch } = plan.crops[choice.weighted(plan.crops.map(({ weight }) => weight))]!;
  const samples = Array.from({ length: batch }, (_, place) => {
    const stream = random(plan.seed, "sample", index, place);
    return augmentSample(source.draw(stream, size, plan.targets), drawAugmentation(stream, plan.augment));
  });
  return joinSamples(samples, index, name);
}

/** Describes a batch in one line: `batch 812 (8 × 128² from synthetic)`. */
export function describeBatch({ index, pairs, size, source }: Batch): string {
  return `batch ${index} (${pairs} × ${size}² from ${source})`;
}
