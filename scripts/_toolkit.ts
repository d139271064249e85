/** What scripts share: the manifest, its toolkit and its weights, read from files. */
import {
  createToolkit,
  importWithin,
  LOAD_SECONDS,
  loadPlugins,
  parseManifest,
  pickModel,
  type ResolvedManifest,
  resolveManifest,
  type Toolkit,
} from "@slomo/core/manifest";
import { fileReasonOf, UsageError } from "@slomo/core";
import { readWeights, type WeightsFile } from "@slomo/weights";
import { fromFileUrl, resolve, toFileUrl } from "@std/path";
import { agreeTo } from "./_trust.ts";

const DEFAULT_MANIFEST = new URL("../slomo.json", import.meta.url);

/** A manifest's text and where it is. */
export interface ManifestFile {
  /** As it is written. */
  readonly text: string;
  /** Where it is. */
  readonly url: URL;
  /** What errors call it. */
  readonly shown: string;
}

/**
 * The text of a manifest's file, or of the toolkit's own.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function readManifestFile(path?: string): Promise<ManifestFile> {
  const url = path === undefined ? DEFAULT_MANIFEST : toFileUrl(resolve(path)), shown = path ?? "slomo.json";
  try {
    return { text: await Deno.readTextFile(url), url, shown };
  } catch (error) {
    throw new UsageError(`the manifest ${shown} cannot be read: ${fileReasonOf(error)}`);
  }
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

/** What a command line says of the manifest. */
export interface ManifestChoice {
  /** Its file; the toolkit's own where absent. */
  readonly manifest?: string | undefined;
  /** Which of its models is taken; its own weights and options where absent. */
  readonly model?: string | undefined;
  /** Whether plugins from elsewhere may be loaded that the lock file does not hold. @default {false} */
  readonly allowPlugins?: boolean | undefined;
}

/**
 * The manifest that a command line names, with its plugins loaded and found to be such.
 *
 * @throws {UsageError} If it cannot be read, is no manifest, has no such model, or names plugins that cannot be loaded or that
 * nobody agrees to load.
 */
export async function readManifest(choice: ManifestChoice = {}): Promise<ResolvedManifest> {
  const { text, url, shown } = await readManifestFile(choice.manifest);
  const manifest = resolveManifest(parseManifest(text, shown), url);
  const picked = choice.model === undefined ? manifest : pickModel(manifest, choice.model);
  await agreeTo(manifest.plugins, choice.allowPlugins ?? false);
  await loadPlugins(manifest.plugins, importPlugin);
  return picked;
}

/** The toolkit of the manifest that a command line names. */
export async function openToolkit(choice: ManifestChoice = {}): Promise<Toolkit> {
  return await createToolkit(await readManifest(choice));
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
    throw new UsageError(`the weights file ${path ?? shown} cannot be read: ${fileReasonOf(error)}`);
  }
}

async function fetchWeights(url: URL): Promise<WeightsFile> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) {
    throw new UsageError(`the weights ${url.href} cannot be fetched: the server answers ${response.status}`);
  }
  return await readWeights(response.body, url.href);
}
