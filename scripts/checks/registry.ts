/** Check of slomo's registry of models, `api/registry.json`. */
import { reasonOf } from "@slomo/core";
import { type LoadedPlugin, loadPlugins, parseRegistry } from "@slomo/core/manifest";
import { readManifest } from "../_toolkit.ts";

const PATH = "api/registry.json";

/**
 * Finds errors in a registry: it does not match its schema, or names parts that import no weights, or files that slomo does
 * not ship.
 *
 * @param text Text of the registry.
 * @param plugins The shipped plugins.
 * @param shipped Names of the shipped files.
 */
export function findRegistryErrors(
  text: string,
  plugins: readonly LoadedPlugin[],
  shipped: readonly string[],
): string[] {
  const parts = plugins.flatMap(({ plugin }) => plugin.provides).filter(({ importers }) => importers);
  try {
    const { models } = parseRegistry(text, PATH);
    return Object.entries(models).flatMap(([name, { part, from, difference }]) => [
      ...part !== undefined && !parts.some((one) => one.name === part)
        ? [`${PATH}: "${name}" names the part "${part}", which imports no weights (registry)`]
        : [],
      ...[from, ...difference ? [difference] : []].flatMap((file) => "shipped" in file ? [file.shipped] : [])
        .filter((file) => !shipped.includes(file))
        .map((file) => `${PATH}: "${name}" names ${file}, which is not in api/models.json (registry)`),
    ]);
  } catch (error) {
    return [`${reasonOf(error)} (registry)`];
  }
}

/** Finds errors in slomo's registry. */
export async function checkRegistry(): Promise<string[]> {
  const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
  const [text, shipped] = [await read(PATH), Object.keys(JSON.parse(await read("api/models.json")))];
  return findRegistryErrors(text, await loadPlugins((await readManifest()).plugins), shipped);
}
