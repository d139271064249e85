import { z } from "zod";
import type { ArchitectureFacts, WeightsFacts } from "@slomo/core";
import { JobError, UsageError } from "@slomo/core";
import type { Header } from "./header.ts";

/** Key of the metadata under which a weights file describes itself. */
export const FACTS_KEY = "slomo";

/** Key of the description of a training run in the metadata of a checkpoint. */
export const CHECKPOINT_KEY = "slomo-train";

const architecture = z.strictObject({ name: z.string().min(1), options: z.record(z.string(), z.unknown()) });

/** Accepts `licence`, the spelling of `license` in files that were written before version 1. */
export function acceptOldSpelling(facts: unknown): unknown {
  if (typeof facts !== "object" || facts === null || !("licence" in facts)) return facts;
  const { licence, ...rest } = facts;
  return { license: licence, ...rest };
}

/** Schema of {@linkcode WeightsFacts}. */
export const factsSchema: z.ZodType<WeightsFacts> = z.preprocess(
  acceptOldSpelling,
  z.strictObject({
    version: z.literal(1),
    flowEstimator: architecture.optional(),
    interpolator: architecture.optional(),
    pixelRange: z.tuple([z.number(), z.number()]),
    mean: z.tuple([z.number(), z.number(), z.number()]),
    training: z.record(z.string(), z.unknown()).optional(),
    license: z.string().optional(),
  }),
);

/**
 * Reads the description in the metadata of a weights file.
 *
 * @throws {UsageError} If another program wrote the safetensors file.
 * @throws {JobError} If the description is damaged or of another version.
 */
export function readFacts({ metadata }: Pick<Header, "metadata">, location: string): WeightsFacts {
  const text = metadata[FACTS_KEY];
  if (text === undefined && metadata[CHECKPOINT_KEY] !== undefined) {
    throw new UsageError(
      `${location} is a checkpoint of a training run, not a weights file; give best.safetensors or last.safetensors of ` +
        "its folder",
      { code: "invalid-weights" },
    );
  }
  if (text === undefined) {
    throw new UsageError(
      `${location} is a safetensors file, but not a weights file of slomo: its metadata has no "${FACTS_KEY}"; ` +
        "convert it with deno task convert",
      { code: "invalid-weights" },
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new JobError(`${location}: the description under "${FACTS_KEY}" in its metadata is not JSON`, {
      code: "weights-damaged",
    });
  }
  const result = factsSchema.safeParse(parsed);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new JobError(`${location}: its description is invalid at ${[FACTS_KEY, ...path].join(".")}: ${message}`, {
    code: "weights-damaged",
  });
}

/** Describes an architecture for errors, for example `pyramid {"width":0.5}`. */
export function describeArchitecture(facts: ArchitectureFacts | undefined): string {
  return facts ? `${facts.name} ${JSON.stringify(facts.options)}` : "no such part";
}
