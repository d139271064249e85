import type { Plugin, SlotName } from "@slomo/core";
import { conformanceCases } from "./cases.ts";
import type { ConformanceOptions } from "./options.ts";

const MEDIA_CASES = ["frames", "round trip", "excerpts", "cancellation", "errors", "half-written"] as const;

/** The cases that `deno test` may not run with the permissions that it has, and why. */
function withoutPermission(isMedia: boolean): ConformanceOptions["skip"] {
  const may = (name: "ffi" | "write") => Deno.permissions.querySync({ name }).state === "granted";
  if (isMedia) {
    return may("write") ? {} : Object.fromEntries(MEDIA_CASES.map((id) => [id, "codecs are tried with --allow-write"]));
  }
  return may("ffi") ? {} : { traces: "the engine needs --allow-ffi" };
}

/**
 * Registers a `Deno.test` for each thing that the contract of a slot asks of a plugin's parts: see `docs/conformance.md`. A
 * case that a part is not held to is ignored, with the reason in the test's name; so are
 * the engine's and most of a codec's, where `deno test` may not load native libraries or write files.
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
 * @param plugin What the plugin's module exports by default.
 * @param options What the kit is to know.
 * @throws {UsageError} If the plugin has no such part.
 */
export function conformsAs(slot: SlotName, plugin: Plugin, options: ConformanceOptions = {}): void {
  // A backend that a case opens may hold threads and files until the process ends; a codec may not.
  const isMedia = slot === "media", skip = { ...withoutPermission(isMedia), ...options.skip };
  for (const { name, ignore, run } of conformanceCases(slot, plugin, { ...options, skip })) {
    Deno.test({ name, ignore, fn: run, sanitizeOps: isMedia, sanitizeResources: isMedia });
  }
}
