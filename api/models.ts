import { fileReasonOf, UsageError } from "@slomo/core";
import { readWeights, type WeightsFile } from "@slomo/weights";
import { fromFileUrl, resolve, toFileUrl } from "@std/path";

async function readFile(url: URL, shown: string): Promise<WeightsFile> {
  try {
    using file = await Deno.open(url);
    return await readWeights(file.readable, shown);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory)) throw error;
    throw new UsageError(`weights: cannot read ${shown}: ${fileReasonOf(error)}`, { option: "weights" });
  }
}

async function fetchFile(url: URL, signal?: AbortSignal): Promise<WeightsFile> {
  const response = await fetch(url, { signal: signal ?? null });
  if (response.ok && response.body !== null) return await readWeights(response.body, url.href);
  await response.body?.cancel();
  throw new UsageError(`weights: cannot fetch ${url.href}: the server answers ${response.status}`, {
    option: "weights",
  });
}

/**
 * Reads a weights file.
 *
 * @param location Path or URL.
 * @throws {UsageError} If there is no such file, or it is another kind of file.
 * @throws {JobError} If it is damaged or cannot be downloaded.
 */
export async function openWeightsFile(location: string | URL, signal?: AbortSignal): Promise<WeightsFile> {
  const isUrl = location instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(location);
  const url = isUrl ? new URL(location) : toFileUrl(resolve(location));
  const shown = isUrl && url.protocol === "file:" ? fromFileUrl(url) : location.toString();
  return url.protocol === "file:" ? await readFile(url, shown) : await fetchFile(url, signal);
}
