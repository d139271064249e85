/** Plugins run in slomo's own process, so remote ones are loaded only if they are in the lock file or the user agrees. */
import { originOf, type PluginOrigin } from "@slomo/core/manifest";
import { UsageError } from "@slomo/core";
import { readLock } from "./_lock.ts";

/** Returns the origin of a plugin; registry packages of this repository are local. */
export function whereFrom(specifier: string): PluginOrigin {
  const origin = originOf(specifier);
  return origin === "jsr" && import.meta.resolve(specifier).startsWith("file:") ? "local" : origin;
}

/** Returns the remote plugins that are not in the lock file. */
export async function untrusted(specifiers: readonly string[]): Promise<string[]> {
  const remote = specifiers.filter((specifier) => whereFrom(specifier) !== "local");
  if (remote.length === 0) return [];
  const locked = await readLock();
  return remote.filter((specifier) => locked(specifier) === undefined);
}

/**
 * Asks the user whether to load remote plugins that are not in the lock file. Deno adds those that are loaded, so that
 * the user is asked once.
 *
 * @param allowed Whether the command line allows them.
 * @throws {UsageError} If the user does not agree.
 */
export async function agreeTo(specifiers: readonly string[], allowed: boolean): Promise<void> {
  if (allowed) return;
  const unknown = await untrusted(specifiers);
  if (unknown.length === 0) return;
  const names = unknown.join(", ");
  const asked = `These remote plugins are not in the lock file yet: ${names}\n` +
    "They get all permissions of slomo. Load them?";
  if (Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && confirm(asked)) return;
  throw new UsageError(
    `cannot load remote plugins that are not in the lock file: ${names}; ` +
      "they get all permissions of slomo; set `allowPlugins` if you trust them",
    { code: "plugin-untrusted", option: "allowPlugins" },
  );
}
