import { fileReasonOf, UsageError } from "@slomo/core";
import { cacheFolder, download, readEnvironment } from "@slomo/downloads";
import { readWeights, type WeightsFile } from "@slomo/weights/file";
import { basename, fromFileUrl, join, resolve, toFileUrl } from "@std/path";
import shipped from "./models.json" with { type: "json" };
import type { DownloadProgress } from "./options.ts";
import { SHIPPED_MANIFEST_URL } from "./shipped.ts";

/** Size and SHA-256 of the shipped models, by file name. */
export const SHIPPED_MODELS: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>> = shipped;

/** Options for finding and downloading weights. */
export interface WeightsOptions {
  /** URL of the folder of shipped models, if they are not beside the manifest. */
  readonly modelsUrl?: string | URL | undefined;
  /** Called with the progress of a download. */
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops a download. */
  readonly signal?: AbortSignal | undefined;
}

/** Returns the path of a shipped model in the cache; downloads it if it is not there. */
async function cachedModel(name: keyof typeof shipped, options: WeightsOptions): Promise<string> {
  const models = join(cacheFolder(readEnvironment), "models"), wanted = { file: name, ...shipped[name] };
  const target = join(models, `${wanted.sha256.slice(0, 16)}-${name}`);
  if (await Deno.stat(target).then(({ size }) => size === wanted.bytes, () => false)) return target;
  const folder = options.modelsUrl ?? (readEnvironment("SLOMO_MODELS_URL") || undefined);
  if (folder === undefined) {
    throw new UsageError(
      `weights: cannot open ${name}: it is not on this machine; set \`modelsUrl\`, or SLOMO_MODELS_URL in the environment, ` +
        "to the URL of a folder that has the file",
      { code: "model-unavailable", option: "modelsUrl" },
    );
  }
  await Deno.mkdir(models, { recursive: true });
  const progress = (file: string, done: number, total: number) => options.onDownload?.({ file, done, total });
  const signal = options.signal ?? new AbortController().signal;
  await download(new URL(name, folderUrl(folder)).href, target, wanted, progress, signal);
  return target;
}

/** Returns the URL of a folder, with a slash at its end. */
function folderUrl(location: string | URL): URL {
  const text = location.toString();
  return new URL(text.endsWith("/") ? text : `${text}/`);
}

async function readFile(url: URL, shown: string): Promise<WeightsFile> {
  try {
    using file = await Deno.open(url);
    return await readWeights(file.readable, shown);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory)) throw error;
    throw new UsageError(`weights: cannot read ${shown}: ${fileReasonOf(error)}`, {
      code: "input-not-found",
      option: "weights",
    });
  }
}

async function fetchFile(url: URL, signal?: AbortSignal): Promise<WeightsFile> {
  const response = await fetch(url, { signal: signal ?? null });
  if (response.ok && response.body !== null) return await readWeights(response.body, url.href);
  await response.body?.cancel();
  throw new UsageError(`weights: cannot fetch ${url.href}: the server responded with status ${response.status}`, {
    code: "input-unreadable",
    option: "weights",
  });
}

/**
 * Reads a weights file. A shipped model is read from the folder of the manifest, from the clone, or downloaded once into the
 * cache and verified by its SHA-256.
 *
 * @param location Path or URL.
 * @throws {UsageError} If the file does not exist or is not a weights file.
 * @throws {JobError} If it is damaged or cannot be downloaded.
 */
export async function openWeightsFile(location: string | URL, options: WeightsOptions = {}): Promise<WeightsFile> {
  const isUrl = location instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(location);
  const url = isUrl ? new URL(location) : toFileUrl(resolve(location)), name = basename(url.pathname);
  const shown = isUrl && url.protocol === "file:" ? fromFileUrl(url) : location.toString();
  const isMissing = url.protocol !== "file:" || await Deno.stat(url).then(() => false, () => true);
  if (isMissing && Object.hasOwn(shipped, name)) {
    // A manifest in another folder names the models of the clone.
    const own = new URL(`./models/${name}`, SHIPPED_MANIFEST_URL);
    if (own.protocol === "file:" && await Deno.stat(own).then(() => true, () => false)) {
      return await readFile(own, shown);
    }
    const path = await cachedModel(name as keyof typeof shipped, options);
    return await readFile(toFileUrl(path), shown);
  }
  return url.protocol === "file:" ? await readFile(url, shown) : await fetchFile(url, options.signal);
}
