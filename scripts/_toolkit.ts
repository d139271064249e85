/** Reads the manifest of a command line, its toolkit and its weights. */
import {
  createToolkit,
  importWithin,
  LOAD_SECONDS,
  type LoadedPlugin,
  loadPlugins,
  type ResolvedManifest,
  type Toolkit,
} from "@slomo/core/manifest";
import { UsageError } from "@slomo/core";
import { chooseModel, openManifest } from "@slomo/slomo/manifest";
import { openWeightsFile as openWeights } from "@slomo/slomo/models";
import type { WeightsFile } from "@slomo/weights";
import { agreeTo } from "./_trust.ts";

/**
 * Imports a plugin within the time limit of `SLOMO_PLUGIN_SECONDS`.
 *
 * @throws {UsageError} If the variable is not a number above 0.
 */
export function importPlugin(specifier: string): Promise<Record<string, unknown>> {
  const given = Deno.env.get("SLOMO_PLUGIN_SECONDS"), seconds = Number(given || LOAD_SECONDS);
  if (seconds > 0 && seconds < 1e6) return importWithin(seconds)(specifier);
  throw new UsageError(`SLOMO_PLUGIN_SECONDS must be a number of seconds above 0, got "${given}"`);
}

/** Options that choose the manifest. */
export interface ManifestChoice {
  /** Path or URL of the manifest. @default {the shipped one} */
  readonly manifest?: string | undefined;
  /** Name of one of its models. @default {the manifest's own weights and options} */
  readonly model?: string | undefined;
  /** Whether remote plugins that are not in the lock file may be loaded. @default {false} */
  readonly allowPlugins?: boolean | undefined;
}

/**
 * Reads the manifest of a command line, and checks its plugins.
 *
 * @throws {UsageError} If it cannot be read, is not a manifest, has no such model or one that is not installed, or names plugins that cannot be
 * loaded or are not trusted.
 */
export async function readManifest(choice: ManifestChoice = {}): Promise<ResolvedManifest> {
  const { manifest, plugins } = await readPlugins(choice), { model } = choice;
  return model === undefined ? manifest : await chooseModel(manifest, model, () => Promise.resolve(plugins));
}

/** A manifest and its plugins. */
export interface ManifestWithPlugins {
  /** The manifest. */
  readonly manifest: ResolvedManifest;
  /** Its plugins, loaded. */
  readonly plugins: readonly LoadedPlugin[];
}

/** Reads the manifest of a command line, and loads its plugins. */
export async function readPlugins(
  { manifest: location, allowPlugins = false }: ManifestChoice,
): Promise<ManifestWithPlugins> {
  const manifest = await openManifest({ manifest: location }, (note) => console.error(`slomo: ${note}`));
  await agreeTo(manifest.plugins, allowPlugins);
  return { manifest, plugins: await loadPlugins(manifest.plugins, importPlugin) };
}

/** Creates the toolkit of a command line's manifest. */
export async function openToolkit(choice: ManifestChoice = {}): Promise<Toolkit> {
  return await createToolkit(await readManifest(choice));
}

/** A toolkit of the networks of a model, and their weights. */
export interface OpenedModel {
  /** The toolkit. */
  readonly toolkit: Toolkit;
  /** Weights, if the networks have any. */
  readonly weights: WeightsFile | undefined;
}

/** Opens the model of a command line: the weights at a path, or those of the manifest, with the networks that they are for. */
export async function openModel(toolkit: Toolkit, path?: string): Promise<OpenedModel> {
  const weights = await openWeightsFile(toolkit.manifest, path);
  return { toolkit: toolkit.forWeights(weights?.facts, path === undefined ? undefined : []), weights };
}

/**
 * Reads the weights at a path, or those of the manifest; returns `undefined` if it names none.
 *
 * @throws {UsageError} If the file does not exist or is not a weights file.
 * @throws {JobError} If it is damaged.
 */
export async function openWeightsFile(manifest: ResolvedManifest, path?: string): Promise<WeightsFile | undefined> {
  const location = path ?? manifest.weights;
  return location === undefined ? undefined : await openWeights(location);
}
