import { type Batch, drawBatch, parseMixturePart, SYNTHETIC, type WeightedSource } from "@slomo/training/data";
import type { TrainConfig } from "@slomo/training";
import { openSources } from "./data_sources.ts";

/** Seeds of validation are keyed apart from those of training, and do not follow the run's. */
const SEED = 0x5107;

const UNCHANGED = { flipX: 0, flipY: 0, rotate: 0, reverse: 0, colors: 0 };

/** Clips where the data sets have some for validation, synthetic motion where not. */
function sourcesOf(config: TrainConfig): WeightedSource[] {
  const gaps = [Math.min(...config.gaps)], scales = [1];
  const real = openSources({ ...config, gaps, scales }, "validation").filter(({ name }) => name !== SYNTHETIC);
  if (real.length > 0) return real;
  const data = config.data.filter((part) => parseMixturePart(part).location !== SYNTHETIC);
  return openSources({ ...config, data: [...data, SYNTHETIC] }, "train").filter(({ name }) => name === SYNTHETIC);
}

/** What every validation of a run looks at: batches of one pair and one target, the same for every run on the same data. */
export function validationBatches(config: TrainConfig): Batch[] {
  const { samples, size } = config.validation, sources = sourcesOf(config);
  const plan = { seed: SEED, crops: [{ size, batch: 1, weight: 1 }], targets: 1, augment: UNCHANGED };
  return Array.from({ length: samples }, (_, index) => drawBatch(plan, sources, index));
}
