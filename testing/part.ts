import { type PartContext, type PartDefinition, type SlotName, type Slots, UsageError } from "@slomo/core";
import { optionsError } from "@slomo/core/manifest";
import { backwardWarp } from "@slomo/ops";
import { check, failureOf, show } from "./check.ts";
import type { Subject } from "./options.ts";

/** The context that parts are created with: the warp of `@slomo/ops`. */
export const CONTEXT: PartContext = { warp: { warp: backwardWarp } };

/**
 * Returns the parts of a plugin to test.
 *
 * @throws {UsageError} If the plugin has none.
 */
export function partsOf({ slot, plugin, options: { part } }: Subject): PartDefinition[] {
  const parts = plugin.provides.filter((given) => given.slot === slot && (part === undefined || given.name === part));
  if (parts.length > 0) return parts;
  const wanted = part === undefined ? `part for the slot ${slot}` : `${slot} "${part}"`;
  throw new UsageError(`conformsAs: the plugin ${plugin.name} has no ${wanted}`);
}

/**
 * Validates options with a part's schema, and returns the result.
 *
 * @throws {UsageError} If the schema rejects them or validates asynchronously.
 */
export function checkedOptions(definition: PartDefinition, options: unknown): unknown {
  const result = definition.options["~standard"].validate(options);
  if (result instanceof Promise) {
    throw new UsageError(
      `${definition.slot} "${definition.name}": the schema of its options must validate synchronously, but returns a promise`,
    );
  }
  if (result.issues) throw optionsError(definition, result.issues);
  return result.value;
}

/** Creates a part of a slot. */
export function makePart<S extends SlotName>(_slot: S, definition: PartDefinition, options: unknown): Slots[S] {
  return definition.create(checkedOptions(definition, options), CONTEXT) as Slots[S];
}

const INVALID: readonly unknown[] = [null, 5, "text", [1]];

/** An option that no part has. */
const UNKNOWN = "noSuchOption";

/** Checks that a part rejects invalid options with issues.
 *
 * @throws {Error} If it accepts them or throws. */
export async function checkOptions(
  definition: PartDefinition,
  options: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const name = `${definition.slot} "${definition.name}"`, { validate } = definition.options["~standard"];
  for (const given of [...INVALID, { ...options, [UNKNOWN]: 1 }]) {
    let issues: unknown;
    const failure = await failureOf(async () => issues = (await validate(given)).issues);
    check(failure === undefined, `${name}: validation of its options throws ${show(failure)}; it must return issues`);
    check(
      issues !== undefined,
      `${name}: it accepts the options ${JSON.stringify(given)}; reject them, so that users notice misspelled options`,
    );
  }
}
