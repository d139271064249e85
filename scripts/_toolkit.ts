/** What scripts share: the manifest, its toolkit and its weights, read from files. */
import {
  createToolkit,
  importWithin,
  LOAD_SECONDS,
  parseManifest,
  pickModel,
  type ResolvedManifest,
  resolveManifest,
  type Toolkit,
  UsageError,
} from "@slomo/core";
import { readWeights, type WeightsFile } from "@slomo/core/weights";
import { fromFileUrl, resolve, toFileUrl } from "@std/path";

const DEFAULT_MANIFEST = new URL("../slomo.json", import.meta.url);

async function readText(url: URL, shown: string): Promise<string> {
  try {
    return await Deno.readTextFile(url);
  } catch (error) {
    throw new UsageError(`the manifest ${shown} cannot be read: ${reason(error)}`);
  }
}

/** Why a file could not be opened, without its name and the system's code. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "it is not allowed to be read";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}

/**
 * The manifest of a file, or the toolkit's own.
 *
 * @param model Which of its models is taken; its own weights and options where absent.
 * @throws {UsageError} If it cannot be read, is no manifest, or has no such model.
 */
export async function readManifest(path?: string, model?: string): Promise<ResolvedManifest> {
  const url = path === undefined ? DEFAULT_MANIFEST : toFileUrl(resolve(path));
  const shown = path ?? "slomo.json";
  const manifest = resolveManifest(parseManifest(await readText(url, shown), shown), url);
  return model === undefined ? manifest : pickModel(manifest, model);
}

/**
 * Imports a plugin within the time that `SLOMO_PLUGIN_SECONDS` gives.
 *
 * @throws {UsageError} If that is no time.
 */
export function importPlugin(specifier: string): Promise<Record<string, unknown>> {
  const given = Deno.env.get("SLOMO_PLUGIN_SECONDS"), seconds = Number(given || LOAD_SECONDS);
  if (seconds > 0 && seconds < 1e6) return importWithin(seconds)(specifier);
  throw new UsageError(`SLOMO_PLUGIN_SECONDS must be a number of seconds above 0, got "${given}"`);
}

/** The toolkit of a file's manifest, or of the toolkit's own, with one of its models. */
export async function openToolkit(path?: string, model?: string): Promise<Toolkit> {
  return await createToolkit(await readManifest(path, model), importPlugin);
}

/**
 * The weights of a file, or those that the manifest names; `undefined` where it names none.
 *
 * @throws {UsageError} If there is no such file or it is another kind of file.
 * @throws {JobError} If it is damaged.
 */
export async function openWeightsFile(manifest: ResolvedManifest, path?: string): Promise<WeightsFile | undefined> {
  const location = path ?? manifest.weights;
  if (location === undefined) return undefined;
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(location);
  const url = isUrl ? new URL(location) : toFileUrl(resolve(location));
  const shown = url.protocol === "file:" ? fromFileUrl(url) : url.href;
  if (url.protocol !== "file:") return await fetchWeights(url);
  try {
    using file = await Deno.open(url);
    return await readWeights(file.readable, path ?? shown);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory)) throw error;
    throw new UsageError(`the weights file ${path ?? shown} cannot be read: ${reason(error)}`);
  }
}

async function fetchWeights(url: URL): Promise<WeightsFile> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) {
    throw new UsageError(`the weights ${url.href} cannot be fetched: the server answers ${response.status}`);
  }
  return await readWeights(response.body, url.href);
}
