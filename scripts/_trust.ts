/** Plugins run in slomo's own process: code from elsewhere is loaded only when it is known or agreed to. */
import { originOf, type PluginOrigin } from "@slomo/core/manifest";
import { UsageError } from "@slomo/core";
import { readLock } from "./_lock.ts";

/** Where a plugin comes from; a registry package that is in this repository is local. */
export function whereFrom(specifier: string): PluginOrigin {
  const origin = originOf(specifier);
  return origin === "jsr" && import.meta.resolve(specifier).startsWith("file:") ? "local" : origin;
}

/** Those plugins that come from elsewhere and that the lock file does not hold. */
export async function untrusted(specifiers: readonly string[]): Promise<string[]> {
  const remote = specifiers.filter((specifier) => whereFrom(specifier) !== "local");
  if (remote.length === 0) return [];
  const locked = await readLock();
  return remote.filter((specifier) => locked(specifier) === undefined);
}

/**
 * Asks whether plugins that nobody has agreed to may be loaded. Deno locks their versions and hashes when they are, so that it
 * is asked once.
 *
 * @param allowed Whether the command line agrees.
 * @throws {UsageError} If nobody does.
 */
export async function agreeTo(specifiers: readonly string[], allowed: boolean): Promise<void> {
  if (allowed) return;
  const unknown = await untrusted(specifiers);
  if (unknown.length === 0) return;
  const names = unknown.join(", ");
  const asked = `These remote plugins are not in the lock file yet: ${names}\n` +
    "They can do on this machine whatever slomo can. Load them?";
  if (Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && confirm(asked)) return;
  throw new UsageError(
    `cannot load remote plugins that are not in the lock file: ${names}; ` +
      "they can do whatever slomo can; set `allowPlugins` if you trust them",
  );
}
