import { type LossWeights, UsageError } from "@slomo/core";
import type { LossChoice, Toolkit } from "@slomo/core/manifest";
import { loadParameters, type WeightsFile } from "@slomo/weights";
import type { TrainConfig } from "./config.ts";
import type { ActiveLoss } from "./forward.ts";
import type { TrainNetworks } from "./networks.ts";

/**
 * Returns the losses of a run: those of its configuration, else those of the manifest, else each loss of the manifest's
 * plugins that has a weight under the preset.
 */
export function chooseLosses(
  { losses, preset }: Pick<TrainConfig, "losses" | "preset">,
  { manifest, plugins }: Pick<Toolkit, "manifest" | "plugins">,
): readonly LossChoice[] {
  const ofPreset = plugins.flatMap(({ plugin }) => plugin.provides).flatMap(
    ({ slot, name, training }): LossChoice[] => {
      const { weight, options } = training?.presets?.[preset] ?? {};
      return slot === "loss" && weight !== undefined ? [{ name, weight, ...options && { options } }] : [];
    },
  );
  return losses ?? manifest.use.losses ?? ofPreset;
}

/** The losses of a run, and those that are left out. */
export interface TrainLosses {
  /** Losses that training minimizes the weighted sum of. */
  readonly losses: readonly ActiveLoss[];
  /** Losses without what they need, and why, or how to provide it. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Creates the losses of a run. A loss that needs a weights file and has none is left out and listed, and so is one that
 * measures flow between the frames, if the networks estimate none.
 *
 * @param choices From the configuration; `null` takes the manifest's.
 * @param read Reads a weights file that a loss names.
 * @throws {UsageError} If no loss remains, or the weights of one do not fit.
 */
export async function createLosses(
  { toolkit, shipped }: Pick<TrainNetworks, "toolkit" | "shipped">,
  choices: readonly LossChoice[] | null,
  read: (location: string) => Promise<WeightsFile>,
): Promise<TrainLosses> {
  const losses: ActiveLoss[] = [], leftOut: { name: string; why: string }[] = [];
  for (const { name, weight, loss } of await toolkit.losses(choices ?? undefined)) {
    if (weight === 0) continue;
    if (loss.everyPyramidLevel && shipped.flowEstimator === undefined) {
      leftOut.push({ name, why: "it measures flow between the frames, and the networks estimate none" });
      continue;
    }
    if (loss.parameters.length === 0) {
      losses.push({ name, weight, loss, parameters: {} });
      continue;
    }
    const { location, prefix, advice } = loss.weights ?? noWeights(name);
    if (location === undefined) {
      leftOut.push({ name, why: `it needs a weights file and has none; ${advice}` });
      continue;
    }
    losses.push({ name, weight, loss, parameters: loadParameters(loss.parameters, prefix, await read(location)) });
  }
  if (losses.length > 0) return { losses, leftOut };
  throw new UsageError(
    "no loss to train with; list some in `use.losses` of the manifest or in `losses` of the configuration",
    { code: "invalid-config", option: "losses" },
  );
}

function noWeights(name: string): LossWeights {
  throw new UsageError(`loss "${name}" has parameters but names no weights file; report it to the author`, {
    code: "invalid-plugin",
    option: "manifest",
  });
}
