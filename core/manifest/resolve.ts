import type { Manifest } from "./manifest.ts";

/** A manifest whose plugins and weights are whole specifiers, so that it means the same from anywhere. Plain JSON. */
export type ResolvedManifest = Manifest;

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

function resolve(specifier: string, base: URL): string {
  const isPath = /^[./\\]/.test(specifier) || /^[a-z]:[\\/]/i.test(specifier);
  return isPath ? new URL(specifier.replaceAll("\\", "/"), base).href : specifier;
}

/**
 * Makes relative paths whole.
 *
 * @param manifest As read.
 * @param base URL of the manifest's file.
 */
export function resolveManifest(manifest: Manifest, base: URL): ResolvedManifest {
  const whole = (weights: string | undefined) =>
    weights === undefined || SCHEME.test(weights) ? weights : new URL(weights.replaceAll("\\", "/"), base).href;
  const models = manifest.models && Object.fromEntries(
    Object.entries(manifest.models).map(([name, model]) => [name, { ...model, weights: whole(model.weights) }]),
  );
  return {
    ...manifest,
    plugins: manifest.plugins.map((specifier) => resolve(specifier, base)),
    weights: whole(manifest.weights),
    models,
  };
}
