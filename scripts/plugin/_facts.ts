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

/** Description of a part of a plugin. */
export interface PartFacts {
  /** Slot of the part. */
  readonly slot: SlotName;
  /** Name of the part. */
  readonly name: string;
  /** Description of the part. */
  readonly description: string;
  /** Whether the manifest uses it. */
  readonly inUse: boolean;
  /** Options of the part; absent if its schema does not describe them. */
  readonly options?: readonly OptionFacts[] | undefined;
}

/** Description of a plugin of a manifest. */
export interface PluginFacts {
  /** Specifier, as in the manifest. */
  readonly specifier: string;
  /** Origin of the code. */
  readonly origin: PluginOrigin;
  /** Version of the package, if known. */
  readonly version?: string | undefined;
  /** Hash of the code, if the lock file has one. */
  readonly integrity?: string | undefined;
  /** Name of the plugin; absent if it is not loaded. */
  readonly name?: string;
  /** Parts of the plugin. */
  readonly parts: readonly PartFacts[];
  /** Reason why the plugin is not loaded. */
  readonly error?: string;
}

/** Returns the version of the package that contains a file. */
async function versionOfFile(url: string): Promise<string | undefined> {
  for (let folder = dirname(fromFileUrl(url));; folder = dirname(folder)) {
    for (const name of ["deno.json", "deno.jsonc", "jsr.json", "package.json"]) {
      const text = await Deno.readTextFile(join(folder, name)).catch(() => undefined);
      if (text !== undefined) return /"version"\s*:\s*"([^"]+)"/.exec(text)?.[1];
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Returns the names of the parts that a manifest uses in a slot. */
function namesInUse({ use }: Manifest, slot: SlotName): string[] {
  const choices = { ...use, loss: use.losses, rateDoubler: undefined, metric: undefined }[slot];
  return (Array.isArray(choices) ? choices : choices ? [choices] : []).map(({ name }) => name);
}

/** Describes the parts of a plugin. */
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
 * Loads the plugins of a manifest one by one and describes them. A plugin that cannot be loaded has an `error`.
 *
 * @param manifest Manifest with resolved specifiers.
 * @param specifiers The specifiers as written in the file, in the same order.
 * @param allowed Whether remote plugins that are not in the lock file may be loaded.
 */
export async function inspectPlugins(
  manifest: Manifest,
  specifiers: readonly string[],
  allowed: boolean,
): Promise<PluginFacts[]> {
  const notTrusted = allowed ? [] : await untrusted(manifest.plugins), facts: PluginFacts[] = [];
  for (const [i, specifier] of manifest.plugins.entries()) {
    let error: string | undefined, loaded: LoadedPlugin | undefined;
    if (notTrusted.includes(specifier)) error = "it is not in the lock file; give --allow-plugins to load it";
    else [loaded] = await loadPlugins([specifier], importPlugin).catch((reason) => (error = reason.message, []));
    const locked = (await readLock())(specifier), origin = whereFrom(specifier);
    const url = loaded && origin === "local" ? import.meta.resolve(specifier) : undefined;
    facts.push({
      specifier: specifiers[i]!,
      origin,
      version: url === undefined ? locked?.version : await versionOfFile(url),
      integrity: locked?.integrity,
      ...loaded && { name: loaded.plugin.name },
      parts: loaded ? partsOf(loaded, manifest) : [],
      ...error !== undefined && { error },
    });
  }
  return facts;
}
