/** Tests of the kit with correct parts, and with parts that have one defect each. */
import { type TensorContainerObject, tidy } from "@tensorflow/tfjs-core";
import { definePlugin, type PartDefinition, type SlotName } from "@slomo/core";
import { conformanceCases } from "../cases.ts";
import type { CaseName, ConformanceOptions } from "../options.ts";

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

/** `tf.tidy` for what a part gives. */
export function tidied<T extends object>(make: () => T): T {
  return tidy(() => ({ ...make() } as TensorContainerObject)) as T;
}

/** A part with one defect, and the cases that fail for it. */
export type Mutant = readonly [what: string, part: PartDefinition, seen: readonly CaseName[]];

/** Registers one test per mutant, and one that a correct part passes all cases. */
export function testMutants(
  slot: SlotName,
  right: PartDefinition,
  mutants: readonly Mutant[],
  options: ConformanceOptions = {},
): void {
  const test = (name: string, part: PartDefinition, seen: readonly CaseName[]) =>
    Deno.test({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const found = await failing(part, options);
        if (found.join() === seen.join()) return;
        throw new Error(`cases that fail: ${found.join(", ") || "none"}; expected: ${seen.join(", ") || "none"}`);
      },
    });
  test(`conformanceCases() all pass for a part in the slot ${slot} that is right`, right, []);
  for (const [what, part, seen] of mutants) {
    test(`conformanceCases() find a part in the slot ${slot} that ${what}: ${seen.join(", ")}`, part, seen);
  }
}
