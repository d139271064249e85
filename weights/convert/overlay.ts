import { z } from "zod";
import type { ArchitectureFacts, WeightsFacts } from "@slomo/core";
import { acceptOldSpelling } from "../facts.ts";
import { parseJson } from "./parse_json.ts";

/** Facts to add to a converted model: options, training, license. */
export interface FactsOverlay {
  /** Options of the flow estimator to set. */
  readonly flowEstimator?: { readonly options: Readonly<Record<string, unknown>> } | undefined;
  /** Options of the interpolator to set. */
  readonly interpolator?: { readonly options: Readonly<Record<string, unknown>> } | undefined;
  /** As in {@linkcode WeightsFacts}. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
  /** As in {@linkcode WeightsFacts}. */
  readonly license?: string | undefined;
}

const part = z.strictObject({ options: z.record(z.string(), z.unknown()) }).optional();
const overlaySchema: z.ZodType<FactsOverlay> = z.preprocess(
  acceptOldSpelling,
  z.strictObject({
    flowEstimator: part,
    interpolator: part,
    training: z.record(z.string(), z.unknown()).optional(),
    license: z.string().optional(),
  }),
);

/**
 * Parses an overlay.
 *
 * @param location Name of the file for errors.
 * @throws {UsageError} If it is invalid.
 */
export function parseOverlay(text: string, location: string): FactsOverlay {
  return parseJson(text, location, overlaySchema);
}

function withOptions(
  facts: ArchitectureFacts | undefined,
  set: FactsOverlay["interpolator"],
): ArchitectureFacts | undefined {
  return facts && set ? { ...facts, options: { ...facts.options, ...set.options } } : facts;
}

/** Returns the facts with those of the overlay added. */
export function overlayFacts(facts: WeightsFacts, overlay: FactsOverlay): WeightsFacts {
  return {
    ...facts,
    flowEstimator: withOptions(facts.flowEstimator, overlay.flowEstimator),
    interpolator: withOptions(facts.interpolator, overlay.interpolator),
    training: overlay.training ?? facts.training,
    license: overlay.license ?? facts.license,
  };
}
