import type { PartDefinition, Plugin, SlotName } from "@slomo/core";
import { errors } from "./cases/errors.ts";
import { gradients } from "./cases/gradients.ts";
import { cancellation, leaks } from "./cases/memory.ts";
import { batches, determinism, direction, dtype, identity, prepared, shapes, traces } from "./cases/outputs.ts";
import { serializable, weights } from "./cases/serialization.ts";
import type { CaseDefinition, TrialSubject } from "./cases/subject.ts";
import { mediaCases } from "./media/mod.ts";
import type { ConformanceCase, ConformanceOptions } from "./options.ts";
import { partsOf } from "./part.ts";
import { flowEstimatorTrial, interpolatorTrial, lossTrial, warpTrial } from "./tensor_trials.ts";
import { onBackend, type Trial } from "./trial.ts";

/** Creates the trial of a part that computes with tensors, by slot. */
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
      const reason = options.skip?.[given.id] ?? given.ignoredBecause?.(definition);
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

/** The cases of parts that compute with tensors, in the order in which they run. */
export const TENSOR_CASES: readonly CaseDefinition[] = [
  serializable,
  shapes,
  dtype,
  identity,
  direction,
  batches,
  prepared,
  leaks,
  determinism,
  gradients,
  traces,
  weights,
  cancellation,
  errors,
];

const MEDIA_CASES = ["frames", "round trip", "excerpts", "cancellation", "errors", "half-written"] as const;

/** Returns the cases that need a permission that `deno test` does not have, each with the reason. */
function withoutPermission(isMedia: boolean): ConformanceOptions["skip"] {
  const may = (name: "ffi" | "write") => Deno.permissions.querySync({ name }).state === "granted";
  if (isMedia) {
    return may("write") ? {} : Object.fromEntries(MEDIA_CASES.map((id) => [id, "media handlers need --allow-write"]));
  }
  return may("ffi") ? {} : { traces: "the graph runtime needs --allow-ffi" };
}

/**
 * Registers one `Deno.test` for each conformance case of a slot: see `docs/conformance.md`. A case that does not apply to
 * a part is ignored, with the reason in the test's name. So are the case of the graph runtime without `--allow-ffi`, and
 * most cases of media handlers without `--allow-write`.
 *
 * @example In the tests of a plugin
 * ```ts ignore
 * import { conformsAs } from "@slomo/testing";
 * import plugin from "./mod.ts";
 *
 * conformsAs("flowEstimator", plugin, { options: { width: 1 / 32 } });
 * ```
 *
 * @param slot The slot.
 * @param plugin The default export of the plugin's module.
 * @param options The part to test, its options, the backend, and the cases to skip.
 * @throws {UsageError} If the plugin has no such part.
 */
export function conformsAs(slot: SlotName, plugin: Plugin, options: ConformanceOptions = {}): void {
  // A backend that a case opens may hold threads and files until the process ends; a media handler may not.
  const isMedia = slot === "media", skip = { ...withoutPermission(isMedia), ...options.skip };
  for (const { name, ignore, run } of conformanceCases(slot, plugin, { ...options, skip })) {
    Deno.test({ name, ignore, fn: run, sanitizeOps: isMedia, sanitizeResources: isMedia });
  }
}
