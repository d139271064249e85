import { z } from "zod";

/** A part that a manifest picks for a slot. */
export interface PartChoice {
  /** Name of the part, as its plugin gives it. */
  name: string;
  /** Options for the part, checked by the part's own schema. */
  options?: Record<string, unknown> | undefined;
}

/** A loss and how much it counts. */
export interface LossChoice extends PartChoice {
  /** Factor of the loss in the sum, 0 or more. */
  weight: number;
}

/** Other weights, other options of the parts in use, or both. */
export interface ModelChoice {
  /** Weights file, a path relative to the manifest or a URL; the manifest's where absent. */
  weights?: string | undefined;
  /** Options laid over those of the flow estimator. */
  flowEstimator?: Record<string, unknown> | undefined;
  /** Options laid over those of the interpolator. */
  interpolator?: Record<string, unknown> | undefined;
}

/** Which plugins there are, which part fills which slot, and which weights the networks take: `slomo.json`. */
export interface Manifest {
  /** JSON Schema for editors. */
  $schema?: string | undefined;
  /** Specifiers of plugin modules: `jsr:`, `npm:`, `https:`, `file:` or a path relative to the manifest. */
  plugins: string[];
  /** The parts in use. */
  use: {
    /** Finds motion; may be left out where the interpolator needs no flow. */
    flowEstimator?: PartChoice | undefined;
    /** Makes frames. */
    interpolator: PartChoice;
    /** Samples along flow. */
    warp: PartChoice;
    /** Media handlers, tried in this order for a location; a single one needs no list. */
    media: PartChoice | PartChoice[];
    /** What training makes small. */
    losses?: LossChoice[] | undefined;
  };
  /** Weights file, a path relative to the manifest or a URL. */
  weights?: string | undefined;
  /** What `--model` picks from, by name. */
  models?: Record<string, ModelChoice> | undefined;
}

const name = z.string().min(1);
const options = z.record(z.string(), z.unknown()).optional().describe("Options of the part; see its documentation.");
const location = z.string().min(1).optional().describe("Weights file: a path relative to this file, or a URL.");
const part = z.strictObject({ name: name.describe("Name of the part, as its plugin gives it."), options });

/** The one description of a manifest: checks it, types it, and makes its JSON Schema. */
export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  $schema: z.string().optional().describe("JSON Schema for editors."),
  plugins: z.array(z.string().min(1)).min(1).describe(
    "Specifiers of plugin modules: jsr:, npm:, https:, file: or a path relative to this file.",
  ),
  use: z.strictObject({
    flowEstimator: part.optional().describe("Finds the motion between two frames."),
    interpolator: part.describe("Makes the frames between two frames."),
    warp: part.describe("Samples an image along a flow."),
    media: z.union([part, z.array(part).min(1)]).describe(
      "Reads and writes media: the first handler that accepts a file.",
    ),
    losses: z.array(z.strictObject({ ...part.shape, weight: z.number().min(0).describe("Factor in the sum.") }))
      .optional().describe("What training makes small."),
  }).describe("Which part fills which slot."),
  weights: location,
  models: z.record(name, z.strictObject({ weights: location, flowEstimator: options, interpolator: options }))
    .optional().describe("What --model picks from: other weights, other options of the parts in use, or both."),
}).describe("Which plugins slomo loads and which of their parts it uses.");

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
