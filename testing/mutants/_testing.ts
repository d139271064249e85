import { definePlugin, type PartDefinition, type SlotName } from "@slomo/core";
import { type TensorContainerObject, tidy } from "@tensorflow/tfjs-core";
import { conformanceCases } from "../conformance.ts";
import type { CaseName, ConformanceOptions } from "../options.ts";

/** Tests of the kit with correct parts, and with parts that have one defect each. */

/** Ids of the cases that fail. */
export async function failing(part: PartDefinition, options: ConformanceOptions = {}): Promise<CaseName[]> {
  const plugin = definePlugin({ name: "mutant", apiVersion: 1, provides: [part] });
  const failed: CaseName[] = [];
  for (const { id, ignore, run } of conformanceCases(part.slot, plugin, options)) {
    if (ignore) continue;
    await run().catch(() => failed.push(id));
  }
  return failed;
}

/** Calls `tf.tidy` for a result of any type. */
export function tidied<T extends object>(make: () => T): T {
  return tidy(() => ({ ...make() } as TensorContainerObject)) as T;
}

/** A part with one defect, and the cases that fail for it. */
export type Mutant = readonly [defect: string, part: PartDefinition, failing: readonly CaseName[]];

/** Registers one test per mutant, and one that a correct part passes all cases. */
export function testMutants(
  slot: SlotName,
  right: PartDefinition,
  mutants: readonly Mutant[],
  options: ConformanceOptions = {},
): void {
  const test = (name: string, part: PartDefinition, expected: readonly CaseName[]) =>
    Deno.test({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const failed = await failing(part, options);
        if (failed.join() === expected.join()) return;
        throw new Error(`cases that fail: ${failed.join(", ") || "none"}; expected: ${expected.join(", ") || "none"}`);
      },
    });
  test(`conformanceCases() all pass for a correct part in the slot ${slot}`, right, []);
  for (const [defect, part, expected] of mutants) {
    test(`conformanceCases() reject a part in the slot ${slot} that ${defect}: ${expected.join(", ")}`, part, expected);
  }
}
