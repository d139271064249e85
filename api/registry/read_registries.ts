/** Models that can be installed by name: those that slomo, a manifest's registries and its plugins list. */
import { fileReasonOf, type ModelEntry, UsageError } from "@slomo/core";
import { type LoadedPlugin, parseRegistry, type ResolvedManifest } from "@slomo/core/manifest";
import registry from "../registry.json" with { type: "json" };

/** A model of a registry. */
export interface RegisteredModel {
  /** Name of the model. */
  readonly name: string;
  /** Its entry, with absolute URLs. */
  readonly entry: ModelEntry;
  /** Who lists it: `slomo`, the name of a plugin, or the URL of a registry. */
  readonly origin: string;
}

/** Location of slomo's own registry. */
const SHIPPED = new URL("../registry.json", import.meta.url);

function absolute(entry: ModelEntry, base: string): ModelEntry {
  const { card, from, difference } = entry;
  const located = (location: string) => URL.parse(location, base)?.href ?? location;
  const withUrl = <T extends object>(file: T) => "url" in file ? { ...file, url: located(`${file.url}`) } : file;
  return {
    ...entry,
    ...card !== undefined && { card: located(card) },
    from: withUrl(from),
    ...difference && { difference: withUrl(difference) },
  };
}

async function readText(url: string): Promise<string> {
  try {
    if (url.startsWith("file:")) return await Deno.readTextFile(new URL(url));
    const response = await fetch(url);
    if (response.ok) return await response.text();
    throw new Error(`the server responded with status ${response.status}`);
  } catch (error) {
    throw new UsageError(`models: cannot read the registry ${url}: ${fileReasonOf(error)}`, {
      code: "input-not-found",
      option: "manifest",
    });
  }
}

/**
 * Returns the models of all registries by name. An entry of the manifest's registries replaces one of slomo, and that one an
 * entry of a plugin.
 *
 * @param plugins Plugins of the manifest.
 * @throws {UsageError} If a registry of the manifest cannot be read.
 */
export async function readRegistries(
  { registries = [] }: Pick<ResolvedManifest, "registries">,
  plugins: readonly LoadedPlugin[],
): Promise<ReadonlyMap<string, RegisteredModel>> {
  const all = [
    ...await Promise.all(registries.map(async (url) => {
      return { origin: url, base: url, models: parseRegistry(await readText(url), url).models };
    })),
    { origin: "slomo", base: SHIPPED.href, models: parseRegistry(JSON.stringify(registry), "registry.json").models },
    ...plugins.map(({ specifier, plugin }) => {
      return { origin: plugin.name, base: specifier, models: plugin.models ?? {} };
    }),
  ];
  const models = new Map<string, RegisteredModel>();
  for (const { origin, base, models: listed } of all) {
    for (const [name, entry] of Object.entries(listed)) {
      const isShipped = [entry.from, entry.difference ?? {}].some((file) => "shipped" in file);
      if (isShipped && origin !== "slomo") {
        throw new UsageError(
          `models: cannot use "${name}" of ${origin}: only slomo ships models; give its URL instead`,
          {
            code: "invalid-manifest",
            option: "manifest",
          },
        );
      }
      if (!models.has(name)) models.set(name, { name, entry: absolute(entry, base), origin });
    }
  }
  return models;
}
