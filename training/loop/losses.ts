import type { LossWeights } from "@slomo/core";
import { UsageError } from "@slomo/core";
import type { LossChoice } from "@slomo/core/manifest";
import type { Toolkit } from "@slomo/core/manifest";
import { loadParameters } from "@slomo/weights";
import type { WeightsFile } from "@slomo/weights";
import type { ResolvedManifest } from "@slomo/core/manifest";
import type { TrainConfig } from "./config.ts";
import type { ActiveLoss } from "./forward.ts";
import { PRESET_LOSSES } from "./presets.ts";

/** What a run makes small: what its configuration says, else the manifest, else the preset. */
export function chooseLosses(
  { losses, preset }: Pick<TrainConfig, "losses" | "preset">,
  { use }: ResolvedManifest,
): readonly LossChoice[] {
  return losses ?? use.losses ?? PRESET_LOSSES[preset] ?? [];
}

/** The losses of a run, and those that are left out. */
export interface TrainLosses {
  /** What is made small. */
  readonly losses: readonly ActiveLoss[];
  /** Losses that need weights which were not given, and what can be done. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Makes the losses of a run; one whose weights nobody names is left out, on purpose and said.
 *
 * @param choices From the configuration; `null` takes the manifest's.
 * @param read Reads a weights file that a loss names.
 * @throws {UsageError} If none is left, or one does not fit.
 */
export async function createLosses(
  toolkit: Toolkit,
  choices: readonly LossChoice[] | null,
  read: (location: string) => Promise<WeightsFile>,
): Promise<TrainLosses> {
  const losses: ActiveLoss[] = [], leftOut: { name: string; why: string }[] = [];
  for (const { name, weight, loss } of await toolkit.losses(choices ?? undefined)) {
    if (weight === 0) continue;
    if (loss.parameters.length === 0) {
      losses.push({ name, weight, loss, parameters: {} });
      continue;
    }
    const { location, prefix, advice } = loss.weights ?? noWeights(name);
    if (location === undefined) {
      leftOut.push({ name, why: `it needs weights that no file is given for; ${advice}` });
      continue;
    }
    losses.push({ name, weight, loss, parameters: loadParameters(loss.parameters, prefix, await read(location)) });
  }
  if (losses.length > 0) return { losses, leftOut };
  throw new UsageError(
    "there is no loss to train with; name some in the manifest's use.losses or in the configuration's losses",
  );
}

function noWeights(name: string): LossWeights {
  throw new UsageError(`loss "${name}" has parameters and does not say where they come from; tell its author`);
}
