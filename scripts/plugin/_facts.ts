import {
  describeOptions,
  type LoadedPlugin,
  loadPlugins,
  type Manifest,
  type OptionFacts,
  type PluginOrigin,
} from "@slomo/core/manifest";
import type { SlotName } from "@slomo/core";
import { dirname, fromFileUrl, join } from "@std/path";
import { readLock } from "../_lock.ts";
import { importPlugin } from "../_toolkit.ts";
import { untrusted, whereFrom } from "../_trust.ts";

/** A part of a plugin, for people. */
export interface PartFacts {
  /** The slot that it fits. */
  readonly slot: SlotName;
  /** Its name. */
  readonly name: string;
  /** What it is. */
  readonly description: string;
  /** Whether the manifest uses it. */
  readonly inUse: boolean;
  /** Its options; absent where its schema does not tell. */
  readonly options?: readonly OptionFacts[] | undefined;
}

/** A plugin of a manifest, for people. */
export interface PluginFacts {
  /** As the manifest names it. */
  readonly specifier: string;
  /** Where its code comes from. */
  readonly origin: PluginOrigin;
  /** Version of its package, where that is known. */
  readonly version?: string | undefined;
  /** What its code must hash to, where the lock file says. */
  readonly integrity?: string | undefined;
  /** Its own name. */
  readonly name?: string;
  /** What it provides. */
  readonly parts: readonly PartFacts[];
  /** Why it is not loaded. */
  readonly error?: string;
}

/** Version of the package that a file belongs to. */
async function versionOfFile(url: string): Promise<string | undefined> {
  for (let folder = dirname(fromFileUrl(url));; folder = dirname(folder)) {
    for (const name of ["deno.json", "deno.jsonc", "jsr.json", "package.json"]) {
      const text = await Deno.readTextFile(join(folder, name)).catch(() => undefined);
      if (text !== undefined) return /"version"\s*:\s*"([^"]+)"/.exec(text)?.[1];
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Names of the parts that a manifest uses in a slot. */
function namesInUse({ use }: Manifest, slot: SlotName): string[] {
  const choices = { ...use, loss: use.losses, rateDoubler: undefined }[slot];
  return (Array.isArray(choices) ? choices : choices ? [choices] : []).map(({ name }) => name);
}

/** What a plugin provides. */
export function partsOf({ plugin }: LoadedPlugin, manifest: Manifest): PartFacts[] {
  return plugin.provides.map((part) => ({
    slot: part.slot,
    name: part.name,
    description: part.description,
    inUse: namesInUse(manifest, part.slot).includes(part.name),
    options: describeOptions(part),
  }));
}

/**
 * Looks at plugins one by one; what is wrong with one of them stands in its `error`.
 *
 * @param manifest With whole specifiers.
 * @param written The specifiers as its file has them.
 * @param allowed Whether those that come from elsewhere and are not locked may be loaded.
 */
export async function lookAt(manifest: Manifest, written: readonly string[], allowed: boolean): Promise<PluginFacts[]> {
  const unknown = allowed ? [] : await untrusted(manifest.plugins), facts: PluginFacts[] = [];
  for (const [i, specifier] of manifest.plugins.entries()) {
    let error: string | undefined, loaded: LoadedPlugin | undefined;
    if (unknown.includes(specifier)) error = "it is not in the lock file; give --allow-plugins to load it";
    else [loaded] = await loadPlugins([specifier], importPlugin).catch((reason) => (error = reason.message, []));
    const locked = (await readLock())(specifier), origin = whereFrom(specifier);
    const place = origin === "local" ? import.meta.resolve(specifier) : undefined;
    facts.push({
      specifier: written[i]!,
      origin,
      version: place === undefined ? locked?.version : await versionOfFile(place),
      integrity: locked?.integrity,
      ...loaded && { name: loaded.plugin.name },
      parts: loaded ? partsOf(loaded, manifest) : [],
      ...error !== undefined && { error },
    });
  }
  return facts;
}
