/**
 * Reads manifests: from files, from URLs, or the shipped one.
 *
 * @module
 */
import { fileReasonOf, UsageError } from "@slomo/core";
import { loadPlugins, parseManifest, type ResolvedManifest, resolveManifest } from "@slomo/core/manifest";
import { resolve, toFileUrl } from "@std/path";
import type { SlomoOptions } from "./options.ts";
import { chooseModel } from "./registry/choose_model.ts";
import { SHIPPED_MANIFEST, SHIPPED_MANIFEST_URL } from "./shipped.ts";

export { chooseModel, DEFAULT_MODEL } from "./registry/choose_model.ts";

/** The text of a manifest and its location. */
export interface ManifestFile {
  /** The text of the file. */
  readonly text: string;
  /** Location of the file. */
  readonly url: URL;
  /** Name of the file in messages. */
  readonly shown: string;
}

/**
 * Reads a manifest as it is stored.
 *
 * @param location Path or URL. @default {the shipped manifest}
 * @throws {UsageError} If it cannot be read.
 */
export async function readManifestFile(location?: string | URL): Promise<ManifestFile> {
  const isUrl = location instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(location ?? "");
  const url = location === undefined
    ? SHIPPED_MANIFEST_URL
    : isUrl
    ? new URL(location)
    : toFileUrl(resolve(location as string));
  const shown = location?.toString() ?? "slomo.json";
  if (location === undefined && url.protocol !== "file:") return { text: SHIPPED_MANIFEST, url, shown };
  try {
    if (url.protocol === "file:") return { text: await Deno.readTextFile(url), url, shown };
    const response = await fetch(url);
    if (response.ok) return { text: await response.text(), url, shown };
    throw new Error(`the server responded with status ${response.status}`);
  } catch (error) {
    throw new UsageError(`manifest: cannot read ${shown}: ${fileReasonOf(error)}`, {
      code: "input-not-found",
      option: "manifest",
    });
  }
}

/**
 * Returns the manifest and the model that the options choose; by default, the shipped manifest.
 *
 * @param onNote Called once for each deprecated name in the manifest.
 * @throws {UsageError} If the file cannot be read, is not a manifest, or has no such model, or it is not installed.
 */
export async function openManifest(
  { manifest, model }: Pick<SlomoOptions, "manifest" | "model">,
  onNote?: (note: string) => void,
): Promise<ResolvedManifest> {
  let whole: ResolvedManifest;
  if (manifest === undefined || typeof manifest === "string" || manifest instanceof URL) {
    const { text, url, shown } = manifest === undefined
      ? { text: SHIPPED_MANIFEST, url: SHIPPED_MANIFEST_URL, shown: "slomo.json" }
      : await readManifestFile(manifest);
    whole = resolveManifest(parseManifest(text, shown, onNote), url);
  } else whole = manifest;
  return model === undefined ? whole : await chooseModel(whole, model, () => loadPlugins(whole.plugins));
}
