import { JobError } from "@slomo/core";
import type { Wheel } from "./wheel.ts";

const PYPI = "https://pypi.org/simple";

/**
 * Returns the package index: pip's `$PIP_INDEX_URL`, otherwise PyPI.
 *
 * @param env Reads an environment variable.
 * @returns The URL of its Simple API, without a slash at the end.
 */
export function indexUrl(env: (name: string) => string | undefined): string {
  return (env("PIP_INDEX_URL") || PYPI).replace(/\/+$/, "");
}

/** Links of an index's HTML page: [file name, address]. */
function htmlLinks(page: string): [string, string][] {
  return [...page.matchAll(/<a\s[^>]*href="([^"]+)"[^>]*>([^<]+)<\/a>/gi)].map(([, href = "", file = ""]) => [
    file.trim(),
    href.replaceAll("&amp;", "&"),
  ]);
}

function jsonLinks(page: string): [string, string][] {
  const { files }: { files?: { filename: string; url: string }[] } = JSON.parse(page);
  return (files ?? []).map(({ filename, url }) => [filename, url]);
}

/**
 * Returns the address of a wheel in a package index that has the Simple API, in JSON or in HTML.
 *
 * @param index Address of the index, from {@linkcode indexUrl}.
 * @param wheel Wheel to find.
 * @param signal Stops the request.
 * @returns The address of the file.
 * @throws {JobError} If the index cannot be reached or does not have the file.
 */
export async function wheelUrl(index: string, wheel: Wheel, signal: AbortSignal): Promise<string> {
  const page = `${index}/${wheel.project}/`;
  const accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5";
  let response: Response;
  try {
    response = await fetch(page, { headers: { accept }, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new JobError(
      `the package index ${page} cannot be reached: ${error instanceof Error ? error.message : error}`,
      { code: "download-failed" },
    );
  }
  const text = await response.text();
  if (!response.ok) {
    throw new JobError(`the package index responded with status ${response.status} for ${page}`, {
      code: "download-failed",
    });
  }
  const json = response.headers.get("content-type")?.includes("json") === true;
  const found = (json ? jsonLinks(text) : htmlLinks(text)).find(([file]) => file === wheel.file);
  if (found === undefined) {
    throw new JobError(`the package index ${page} does not have ${wheel.file}`, { code: "download-failed" });
  }
  return new URL(found[1], response.url || page).href;
}
