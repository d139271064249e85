import { UsageError } from "@slomo/core";
import { type LoadedPlugin, pickModel, type ResolvedManifest } from "@slomo/core/manifest";
import { toFileUrl } from "@std/path";
import { installedModel } from "./installed.ts";

/** Name of the manifest's own weights and options. */
export const DEFAULT_MODEL = "default" as const;

/**
 * Returns the manifest of a model: one of the manifest's models, an installed one, or `default` for the manifest itself.
 *
 * @param name Name of the model.
 * @param loadPlugins Loads the plugins of the manifest, whose models the error names.
 * @throws {UsageError} If there is no such model, or it is not installed.
 */
export async function chooseModel(
  manifest: ResolvedManifest,
  name: string,
  loadPlugins: () => Promise<readonly LoadedPlugin[]>,
): Promise<ResolvedManifest> {
  if (Object.hasOwn(manifest.models ?? {}, name)) return pickModel(manifest, name);
  if (name === DEFAULT_MODEL) return manifest;
  const installed = await installedModel(name);
  if (installed) return { ...manifest, weights: toFileUrl(installed.path).href, fixedParts: [] };
  // Loaded only here: the list is needed for an error only.
  const { readRegistries } = await import("./read_registries.ts");
  const registered = await readRegistries(manifest, await loadPlugins());
  const others = [...registered].filter(([, { entry }]) => !("shipped" in entry.from)).map(([other]) => other);
  if (!others.includes(name)) return pickModel(manifest, name, others);
  throw new UsageError(
    `model: cannot use "${name}": it is not installed; install it with: deno task models add ${name}`,
    { code: "model-unavailable", option: "model" },
  );
}
