import { z } from "zod";

/** A manifest's choice of a part for a slot. */
export interface PartChoice {
  /** Name of the part. */
  name: string;
  /** Options of the part, validated by its schema. */
  options?: Record<string, unknown> | undefined;
}

/** A training loss and its weight. */
export interface LossChoice extends PartChoice {
  /** Weight of the loss in the sum, 0 or more. */
  weight: number;
}

/** A named model: other weights, other parts, or other options of the parts in use. */
export interface ModelChoice {
  /**
   * Weights file, a path relative to the manifest or a URL. @default {the weights of the manifest; none if `use` names a
   * network}
   */
  weights?: string | undefined;
  /** Parts that replace those of the manifest. */
  use?: {
    /** Replaces the flow estimator. */
    flowEstimator?: PartChoice | undefined;
    /** Replaces the interpolator. */
    interpolator?: PartChoice | undefined;
    /** Replaces the warp. */
    warp?: PartChoice | undefined;
  } | undefined;
  /** Options that override those of the flow estimator. */
  flowEstimator?: Record<string, unknown> | undefined;
  /** Options that override those of the interpolator. */
  interpolator?: Record<string, unknown> | undefined;
}

/** The content of `slomo.json`: plugins, the part for each slot, and the weights of the networks. */
export interface Manifest {
  /** JSON Schema for editors. */
  $schema?: string | undefined;
  /** Specifiers of plugin modules: `jsr:`, `npm:`, `https:`, `file:` or a path relative to the manifest. */
  plugins: string[];
  /** The parts in use. */
  use: {
    /** Estimates optical flow; optional if the interpolator needs no flow. */
    flowEstimator?: PartChoice | undefined;
    /** Interpolates frames. */
    interpolator: PartChoice;
    /** Samples an image along a flow. */
    warp: PartChoice;
    /** Media handlers; the first that accepts a location is used. */
    media: PartChoice | PartChoice[];
    /** Training losses and their weights. */
    losses?: LossChoice[] | undefined;
  };
  /** Weights file, a path relative to the manifest or a URL. */
  weights?: string | undefined;
  /** Models by name, for the option `model`. */
  models?: Record<string, ModelChoice> | undefined;
  /** Files that list further models to install, paths relative to the manifest or URLs. */
  registries?: string[] | undefined;
}

const name = z.string().min(1);
const options = z.record(z.string(), z.unknown()).optional().describe("Options of the part; see its documentation.");
const location = z.string().min(1).optional().describe("Weights file: a path relative to this file, or a URL.");
const part = z.strictObject({ name: name.describe("Name of the part."), options });

/** Schema of manifests, for validation and for their JSON Schema. */
export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  $schema: z.string().optional().describe("JSON Schema for editors."),
  plugins: z.array(z.string().min(1)).min(1).describe(
    "Specifiers of plugin modules: jsr:, npm:, https:, file: or a path relative to this file.",
  ),
  use: z.strictObject({
    flowEstimator: part.optional().describe("Estimates the optical flow between two frames."),
    interpolator: part.describe("Interpolates frames between two source frames."),
    warp: part.describe("Samples an image along a flow."),
    media: z.union([part, z.array(part).min(1)]).describe(
      "Reads and writes media: the first handler that accepts a file.",
    ),
    losses: z.array(
      z.strictObject({ ...part.shape, weight: z.number().min(0).describe("Weight in the sum of losses.") }),
    )
      .optional().describe("Training losses and their weights."),
  }).describe("The part for each slot."),
  weights: location,
  models: z.record(
    name,
    z.strictObject({
      weights: location,
      use: z.strictObject({ flowEstimator: part.optional(), interpolator: part.optional(), warp: part.optional() })
        .optional().describe("Parts that replace those of the manifest."),
      flowEstimator: options,
      interpolator: options,
    }),
  ).optional().describe(
    "Models by name, for the option `model`: other weights, other parts, or other options of the parts in use.",
  ),
  registries: z.array(z.string().min(1)).optional().describe(
    "Files that list models for the task `models`: paths relative to this file, or URLs.",
  ),
}).describe("Plugins that slomo loads, and the parts that it uses.");

/** The slots of networks. */
export const NETWORK_SLOTS = ["flowEstimator", "interpolator"] as const;

/** Slot of a network. */
export type NetworkSlot = typeof NETWORK_SLOTS[number];

/** A manifest with absolute specifiers and URLs, which is valid in any folder. Plain JSON. */
export interface ResolvedManifest extends Manifest {
  /**
   * Slots whose part weights do not replace: weights for another part are refused. A model with weights of its own fixes the
   * parts that it names. @default {all: the parts of a manifest belong to its weights}
   */
  fixedParts?: readonly NetworkSlot[] | undefined;
}

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

function resolve(specifier: string, base: URL): string {
  const isPath = /^[./\\]/.test(specifier) || /^[a-z]:[\\/]/i.test(specifier);
  return isPath ? new URL(specifier.replaceAll("\\", "/"), base).href : specifier;
}

/**
 * Resolves the relative paths of a manifest.
 *
 * @param manifest The manifest as parsed.
 * @param base URL of the manifest's file.
 * @returns A manifest with absolute specifiers and URLs.
 */
export function resolveManifest(manifest: Manifest, base: URL): ResolvedManifest {
  const located = (location: string) =>
    SCHEME.test(location) ? location : new URL(location.replaceAll("\\", "/"), base).href;
  const absolute = (weights: string | undefined) => weights === undefined ? weights : located(weights);
  const models = manifest.models && Object.fromEntries(
    Object.entries(manifest.models).map(([name, model]) => [name, { ...model, weights: absolute(model.weights) }]),
  );
  return {
    ...manifest,
    plugins: manifest.plugins.map((specifier) => resolve(specifier, base)),
    weights: absolute(manifest.weights),
    models,
    ...manifest.registries && { registries: manifest.registries.map(located) },
  };
}
