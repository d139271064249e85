import { type AugmentOptions, augmentSample, drawAugmentation } from "./augment.ts";
import { random } from "./random.ts";
import type { KnownFlow, Sample, SampleSource } from "./sample.ts";

/** A size of samples, and how many of them a batch holds. */
export interface CropChoice {
  /** Pixels a side. */
  readonly size: number;
  /** Samples a batch. */
  readonly batch: number;
  /** How often it is drawn beside the others. */
  readonly weight: number;
}

/** How batches are made; plain data, so that it can go to a worker. */
export interface BatchPlan {
  /** The same seed gives the same batches. */
  readonly seed: number;
  /** Sizes to draw from. */
  readonly crops: readonly CropChoice[];
  /** Ground-truth frames a sample, 1 to 7. */
  readonly targets: number;
  /** Changes made to each sample. */
  readonly augment: AugmentOptions;
}

/** A source with its share of the batches. */
export interface WeightedSource {
  /** Name for reports. */
  readonly name: string;
  /** How often it is drawn beside the others. */
  readonly weight: number;
  /** The source. */
  readonly source: SampleSource;
}

/** Samples side by side: N pairs of frames, K ground-truth frames for each, all RGB in [0, 1], [size, size, 3] one after the other. */
export interface Batch {
  /** Place in the run, from 0. */
  readonly index: number;
  /** Name of the source that the samples are from. */
  readonly source: string;
  /** Pixels a side. */
  readonly size: number;
  /** N. */
  readonly pairs: number;
  /** K. */
  readonly targets: number;
  /** First frames, N. */
  readonly first: Float32Array<ArrayBuffer>;
  /** Second frames, N. */
  readonly second: Float32Array<ArrayBuffer>;
  /** Ground-truth frames, N · K: all targets of the first pair, then those of the second. */
  readonly groundTruths: Float32Array<ArrayBuffer>;
  /** Times of `groundTruths`. */
  readonly times: Float32Array<ArrayBuffer>;
  /** Known motion, N of each, where the source has it. */
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

/** Puts samples of one size and as many targets side by side; flow is kept where all of them have it. */
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
 * The batch at a place of the run. It depends on the plan, the sources and the place alone: batches can be made in any
 * order by any number of workers, and a run that goes on from a place sees what it would have seen.
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

/** One line for reports: `batch 812 (8 × 128² from synthetic)`. */
export function describeBatch({ index, pairs, size, source }: Batch): string {
  return `batch ${index} (${pairs} × ${size}² from ${source})`;
}
