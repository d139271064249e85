import type { PartDefinition, Plugin, SlotName } from "@slomo/core";
import { TENSOR_CASES } from "./cases/mod.ts";
import { mediaCases } from "./media/mod.ts";
import type { CaseDefinition, TrialSubject } from "./cases/subject.ts";
import { flowEstimatorTrial } from "./flow_estimator.ts";
import { interpolatorTrial } from "./interpolator.ts";
import { lossTrial } from "./loss.ts";
import type { ConformanceCase, ConformanceOptions } from "./options.ts";
import { partsOf } from "./part.ts";
import { onBackend } from "./run.ts";
import type { Trial } from "./trial.ts";
import { warpTrial } from "./warp.ts";

/** Trials of parts that compute with tensors. */
const TRIALS: Readonly<Partial<Record<SlotName, (definition: PartDefinition, options: unknown) => Trial>>> = {
  flowEstimator: flowEstimatorTrial,
  interpolator: interpolatorTrial,
  warp: warpTrial,
  loss: lossTrial,
};

/** Returns whether a case applies to a part. A part that cannot be created fails in the case itself. */
function applies({ applies = () => true }: CaseDefinition, { make }: TrialSubject): boolean {
  try {
    return applies(make());
  } catch {
    return true;
  }
}

/**
 * Returns the conformance cases of a plugin's parts for a slot, to run one by one. Registers no tests.
 *
 * @throws {UsageError} If the plugin has no such part.
 */
export function conformanceCases(
  slot: SlotName,
  plugin: Plugin,
  options: ConformanceOptions = {},
): ConformanceCase[] {
  return partsOf({ slot, plugin, options }).flatMap((definition) => {
    if (slot === "media") return mediaCases(definition, options);
    const make = () => TRIALS[slot]!(definition, options.options ?? {}), subject = { definition, options, make };
    const cases = TENSOR_CASES.filter((given) => given.slots.includes(slot) && applies(given, subject));
    return cases.map((given) => {
      const reason = options.skip?.[given.id] ?? given.leftOut?.(definition);
      const name = `${slot} "${definition.name}" ${given.sentence}`;
      return {
        id: given.id,
        name: reason === undefined ? name : `${name}: ignored, ${reason}`,
        ignore: reason !== undefined,
        run: () => onBackend(options.backend ?? "cpu", () => given.run(subject)),
      };
    });
  });
}
