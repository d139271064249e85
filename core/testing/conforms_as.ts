import type { Plugin, SlotName } from "../mod.ts";
import { conformanceCases } from "./cases.ts";
import type { ConformanceOptions } from "./options.ts";

/**
 * Registers a `Deno.test` for each thing that the contract of a slot asks of a plugin's parts: see `docs/conformance.md`. A
 * case that a part is not held to is ignored, with the reason in the test's name; so is the engine's, where `deno test` may
 * not load native libraries.
 *
 * @example In the tests of a plugin
 * ```ts ignore
 * import { conformsAs } from "@slomo/core/testing";
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
  const canLoad = Deno.permissions.querySync({ name: "ffi" }).state === "granted";
  const skip = canLoad ? options.skip : { traces: "the engine needs --allow-ffi", ...options.skip };
  for (const { name, ignore, run } of conformanceCases(slot, plugin, { ...options, skip })) {
    // A backend that a case opens may hold threads and files until the process ends; a codec may not.
    const isCodec = slot === "codec";
    Deno.test({ name, ignore, fn: run, sanitizeOps: isCodec, sanitizeResources: isCodec });
  }
}
