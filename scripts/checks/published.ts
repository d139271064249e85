/** Checks of the files that `deno publish` would upload. */

/**
 * Parses the files that `deno publish --dry-run` lists.
 *
 * @param output Output of the command, without colors.
 * @param root URL of the repository's root, with a slash at its end.
 * @returns Paths from the root.
 */
export function publishedFiles(output: string, root: string): string[] {
  return [...output.matchAll(/^ +(file:\S+) \([\d.]+[KMG]?B\)$/gm)]
    .map(([, url]) => decodeURIComponent(url!.startsWith(root) ? url!.slice(root.length) : url!));
}

const CODE = /\.(tsx?|css|wasm)$|(^|\/)(deno\.json|README\.md|LICENSE)$|^(slomo|api\/(models|registry))\.json$/;
const TEST = /_test\.ts$|_testing\.ts$|(^|\/)(tests|bench|fixtures|golden|mutants)\//;

/**
 * Finds published files that are tests, test helpers, fixtures or data.
 *
 * @param paths Paths from the repository's root.
 */
export function findUnpublishable(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const kind = TEST.test(path) ? "a test or its helper" : CODE.test(path) ? undefined : "neither code nor a README";
    return kind ? [`${path}: is published and is ${kind}; exclude it in the package's deno.json (published)`] : [];
  });
}
