/** Facts of models, for `models list` and `models info`. */
import type { ModelEntry } from "@slomo/core";
import type { Manifest, ResolvedManifest } from "@slomo/core/manifest";
import { type InstalledModel, installedModels, readRegistries, type RegisteredModel } from "@slomo/slomo/install";
import { DEFAULT_MODEL } from "@slomo/slomo/manifest";
import { SHIPPED_MODELS } from "@slomo/slomo/models";
import { basename, fromFileUrl, relative } from "@std/path";
import type { ManifestWithPlugins } from "../_toolkit.ts";

/** Whether a model can be used: `installed` by `models add`, `shipped` by slomo, `own` of the manifest. */
export type ModelState = "installed" | "shipped" | "own" | "not installed";

/** Facts of a model. */
export interface ModelFacts {
  /** Name for the option `model`. */
  readonly name: string;
  /** Whether it can be used. */
  readonly state: ModelState;
  /** Who lists it: `slomo`, `the manifest`, the name of a plugin, or the URL of a registry. */
  readonly origin: string;
  /** The architecture and its size. */
  readonly description?: string | undefined;
  /** Material on which it is better or faster than others. */
  readonly strengths?: string | undefined;
  /** License of the weights. */
  readonly license?: string | undefined;
  /** Page of the authors. */
  readonly source?: string | undefined;
  /** Model card: a URL or a path. */
  readonly card?: string | undefined;
  /** Name of the file that it is installed from, or path or URL of its weights. */
  readonly file?: string | undefined;
  /** Size of that file in bytes. */
  readonly bytes?: number | undefined;
  /** SHA-256 of that file. */
  readonly sha256?: string | undefined;
  /** Path of the installed weights file. */
  readonly path?: string | undefined;
}

/** Returns a location as a path if it is on this machine. */
function shownPath(location: string | undefined): string | undefined {
  if (!location?.startsWith("file:")) return location;
  const path = fromFileUrl(location), short = relative(Deno.cwd(), path);
  return short.startsWith("..") ? path : short;
}

/** Returns the file that a model is installed from. */
function fileOf({ from }: ModelEntry): Pick<ModelFacts, "file" | "bytes" | "sha256"> {
  if ("shipped" in from) return { file: from.shipped, ...SHIPPED_MODELS[from.shipped] };
  const { bytes, sha256, member } = from, file = "wheel" in from ? from.wheel.file : shownPath(from.url)!;
  return { file: member === undefined ? file : `${member} in ${file}`, bytes, sha256 };
}

function factsOf(
  { name, entry, origin }: RegisteredModel,
  state: ModelState,
  installed?: InstalledModel,
): ModelFacts {
  const { description, strengths, license, source, card } = entry;
  return {
    ...{ name, state, origin, description, strengths, license, source },
    card: shownPath(card),
    ...fileOf(entry),
    path: installed?.path,
  };
}

/** Returns the facts of the manifest's own models. */
function ownModels(manifest: ResolvedManifest, registered: ReadonlyMap<string, RegisteredModel>): ModelFacts[] {
  const models: Manifest["models"] = {
    ...manifest.weights !== undefined && { [DEFAULT_MODEL]: {} },
    ...manifest.models,
  };
  return Object.entries(models).map(([name, { weights = manifest.weights }]): ModelFacts => {
    const known = registered.get(name), file = weights === undefined ? undefined : basename(new URL(weights).pathname);
    const isShipped = known && "shipped" in known.entry.from && known.entry.from.shipped === file;
    return isShipped
      ? factsOf(known, "shipped")
      : { name, state: "own", origin: "the manifest", file: shownPath(weights) };
  });
}

/**
 * Returns the models of a manifest, of its registries and plugins, and those that are installed.
 *
 * @param loaded The manifest and its plugins.
 */
export async function modelFacts({ manifest, plugins }: ManifestWithPlugins): Promise<ModelFacts[]> {
  const registered = await readRegistries(manifest, plugins), own = ownModels(manifest, registered);
  const installed = new Map((await installedModels()).map((model) => [model.name, model]));
  const isTaken = (name: string) => own.some((model) => model.name === name);
  const listed = [...registered.values()].filter(({ name, entry }) => !isTaken(name) && !("shipped" in entry.from));
  const others = [...installed.values()].filter(({ name }) => !isTaken(name) && !registered.has(name));
  return [
    ...own,
    ...listed.map((model) => {
      const there = installed.get(model.name);
      return factsOf(model, there ? "installed" : "not installed", there);
    }),
    ...others.map((model) => factsOf({ name: model.name, ...model.record }, "installed", model)),
  ];
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Returns the facts of a model as lines of text. */
export function modelLines({ name, state, description, bytes, file, ...facts }: ModelFacts): string[] {
  const { strengths, license, source, card, sha256, origin, path } = facts;
  const rows = {
    strengths,
    size: bytes && megabytes(bytes),
    license,
    source,
    card,
    file,
    sha256,
    "listed by": origin,
    path,
  };
  const shown = Object.entries(rows).filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([key]) => key.length));
  return [
    `${name} (${state})${description === undefined ? "" : `: ${description}`}`,
    ...shown.map(([key, value]) => `  ${key.padEnd(width)}  ${value}`),
  ];
}
