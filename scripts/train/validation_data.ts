import { type Batch, drawBatch, parseMixturePart, SYNTHETIC, type WeightedSource } from "@slomo/training/data";
import type { TrainConfig } from "@slomo/training";
import { openSources } from "./data_sources.ts";

/** Seed of validation: the same for every run, and different from the seeds of training. */
const SEED = 0x5107;

const UNCHANGED = { flipX: 0, flipY: 0, rotate: 0, reverse: 0, colors: 0 };

/** Opens the validation clips of the data sets, or synthetic motion if there are none. */
function sourcesOf(config: TrainConfig): WeightedSource[] {
  const gaps = [Math.min(...config.gaps)], scales = [1];
  const real = openSources({ ...config, gaps, scales }, "validation").filter(({ name }) => name !== SYNTHETIC);
  if (real.length > 0) return real;
  const data = config.data.filter((part) => parseMixturePart(part).location !== SYNTHETIC);
  return openSources({ ...config, data: [...data, SYNTHETIC] }, "train").filter(({ name }) => name === SYNTHETIC);
}

/**
 * Returns the validation batches: one frame pair and one target each, the same for every run on the same data. They are drawn again
 * for each validation, so that they take no memory meanwhile.
 */
export function validationBatches(config: TrainConfig): Iterable<Batch> {
  const { samples, size } = config.validation, sources = sourcesOf(config);
  const plan = { seed: SEED, crops: [{ size, batch: 1, weight: 1 }], targets: 1, augment: UNCHANGED };
  return {
    *[Symbol.iterator]() {
      for (let i = 0; i < samples; i++) yield drawBatch(plan, sources, i);
    },
  };
}
