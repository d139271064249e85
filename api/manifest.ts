import { fileReasonOf, UsageError } from "@slomo/core";
import { type Manifest, parseManifest, pickModel, type ResolvedManifest, resolveManifest } from "@slomo/core/manifest";
import { resolve, toFileUrl } from "@std/path";
import type { SlomoOptions } from "./options.ts";
import { SHIPPED_MANIFEST, SHIPPED_MANIFEST_URL } from "./shipped.ts";

async function readText(url: URL, shown: string): Promise<string> {
  try {
    if (url.protocol === "file:") return await Deno.readTextFile(url);
    const response = await fetch(url);
    if (response.ok) return await response.text();
    throw new Error(`the server responded with status ${response.status}`);
  } catch (error) {
    throw new UsageError(`manifest: cannot read ${shown}: ${fileReasonOf(error)}`, {
      code: "input-not-found",
      option: "manifest",
    });
  }
}

async function readManifest(location: string | URL): Promise<ResolvedManifest> {
  const isUrl = location instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(location);
  const url = isUrl ? new URL(location) : toFileUrl(resolve(location)), shown = location.toString();
  return resolveManifest(parseManifest(await readText(url, shown), shown), url);
}

/**
 * Returns the manifest and the model that the options choose; by default, the shipped manifest.
 *
 * @throws {UsageError} If the file cannot be read, is not a manifest, or has no such model.
 */
export async function openManifest(
  { manifest, model }: Pick<SlomoOptions, "manifest" | "model">,
): Promise<ResolvedManifest> {
  const whole = manifest === undefined
    ? resolveManifest(parseManifest(SHIPPED_MANIFEST, "slomo.json"), SHIPPED_MANIFEST_URL)
    : typeof manifest === "string" || manifest instanceof URL
    ? await readManifest(manifest)
    : manifest as Manifest;
  return model === undefined ? whole : pickModel(whole, model);
}
