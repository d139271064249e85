/** Models in slomo's cache, where `deno task models add` installs them. */
import type { ModelEntry } from "@slomo/core";
import { MODEL_NAME } from "@slomo/core/manifest";
import { cacheFolder, readEnvironment } from "@slomo/downloads";
import { join } from "@std/path";

/** A model in the cache. */
export interface InstalledModel {
  /** Name of the model. */
  readonly name: string;
  /** Path of its weights file. */
  readonly path: string;
  /** Facts of the installation. */
  readonly record: InstallRecord;
}

/** Facts of an installation, stored beside the weights. */
export interface InstallRecord {
  /** Entry of the registry, with absolute URLs. */
  readonly entry: ModelEntry;
  /** Who listed it: `slomo`, the name of a plugin, or the URL of a registry. */
  readonly origin: string;
  /** The weights file. */
  readonly weights: {
    /** Size in bytes. */
    readonly bytes: number;
    /** SHA-256 in hexadecimal. */
    readonly sha256: string;
  };
}

/** Returns the folder of installed models. */
export function modelsFolder(): string {
  return join(cacheFolder(readEnvironment), "models");
}

/** Returns the paths of a model's weights file and of its record, whether they exist or not. */
export function pathsOf(name: string, folder: string): { readonly weights: string; readonly record: string } {
  const path = join(folder, name);
  return { weights: `${path}.safetensors`, record: `${path}.json` };
}

/**
 * Returns an installed model.
 *
 * @param name Name of the model.
 * @param folder Folder of installed models.
 * @returns `undefined` if it is not installed.
 */
export async function installedModel(
  name: string,
  folder: string = modelsFolder(),
): Promise<InstalledModel | undefined> {
  if (!MODEL_NAME.test(name)) return undefined;
  const { weights, record } = pathsOf(name, folder);
  try {
    const facts: InstallRecord = JSON.parse(await Deno.readTextFile(record));
    const { size } = await Deno.stat(weights);
    return size === facts.weights.bytes ? { name, path: weights, record: facts } : undefined;
  } catch {
    // Absent, or written in part by a process that was killed: it is installed again.
    return undefined;
  }
}

/**
 * Returns all installed models, by name.
 *
 * @param folder Folder of installed models.
 */
export async function installedModels(folder: string = modelsFolder()): Promise<InstalledModel[]> {
  const files = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const names = files.flatMap(({ name }) => /^(.+)\.json$/.exec(name)?.[1] ?? []).sort();
  return (await Promise.all(names.map((name) => installedModel(name, folder)))).filter((model) => model !== undefined);
}

/**
 * Removes an installed model.
 *
 * @param name Name of the model.
 * @param folder Folder of installed models.
 * @returns Whether it was installed.
 */
export async function removeModel(name: string, folder: string = modelsFolder()): Promise<boolean> {
  if (await installedModel(name, folder) === undefined) return false;
  const { weights, record } = pathsOf(name, folder);
  await Deno.remove(record);
  await Deno.remove(weights);
  return true;
}
