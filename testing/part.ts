import { optionsError } from "@slomo/core/manifest";
import type { PartContext, PartDefinition, SlotName, Slots } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { backwardWarp } from "@slomo/ops";
import type { Subject } from "./options.ts";

/** What parts are made with: the warp of `@slomo/core/ops`. */
export const CONTEXT: PartContext = { warp: { warp: backwardWarp } };

/**
 * The parts of a plugin that are tried.
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
 * What a part's schema makes of options.
 *
 * @throws {UsageError} If it refuses them, or answers later.
 */
export function checkedOptions(definition: PartDefinition, options: unknown): unknown {
  const result = definition.options["~standard"].validate(options);
  if (result instanceof Promise) {
    throw new UsageError(
      `${definition.slot} "${definition.name}": its options must be checked at once, not by a promise`,
    );
  }
  if (result.issues) throw optionsError(definition, result.issues);
  return result.value;
}

/** Makes a part of a slot. */
export function makePart<S extends SlotName>(_slot: S, definition: PartDefinition, options: unknown): Slots[S] {
  return definition.create(checkedOptions(definition, options), CONTEXT) as Slots[S];
}
