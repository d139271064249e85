import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { PartDefinition } from "../contracts/parts.ts";
import { UsageError } from "../errors.ts";

/** A JSON Schema. */
export interface JsonSchema {
  /** Keywords of the schema. */
  readonly [keyword: string]: unknown;
}

/** Description of an option of a part. */
export interface OptionFacts {
  /** Key in a manifest's `options`. */
  readonly name: string;
  /** Type and range in words: `integer, at least 1, at most 15`. */
  readonly type: string;
  /** Default value, if there is one. */
  readonly default?: unknown;
  /** Description by the author of the plugin. */
  readonly doc?: string | undefined;
  /** Whether the option is required. */
  readonly required: boolean;
}

interface WithJsonSchema {
  readonly jsonSchema: { input(options: { readonly target: string }): Record<string, unknown> };
}

/**
 * Returns the JSON Schema of a part's options in a manifest, from the Standard JSON Schema interface of its schema.
 *
 * @returns `undefined` if the schema's library lacks the interface, or the schema has no JSON Schema.
 */
export function optionsSchema({ options }: PartDefinition): JsonSchema | undefined {
  const standard: object = options["~standard"];
  if (!("jsonSchema" in standard)) return undefined;
  try {
    return (standard as WithJsonSchema).jsonSchema.input({ target: "draft-2020-12" });
  } catch {
    return undefined;
  }
}

const LIMITS: Readonly<Record<string, string>> = {
  minimum: "at least",
  exclusiveMinimum: "above",
  maximum: "at most",
  exclusiveMaximum: "below",
  multipleOf: "a multiple of",
};

/** Describes the values that a schema accepts. */
function typeOf(schema: JsonSchema): string {
  const { type, items, anyOf, const: constant } = schema, choices = schema["enum"];
  if (Array.isArray(choices)) return choices.map((value) => JSON.stringify(value)).join(" | ");
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(anyOf)) return anyOf.map((one) => typeOf(one as JsonSchema)).join(" or ");
  if (type === "array") return `list of (${typeOf((items ?? {}) as JsonSchema)})`;
  // Libraries limit integers to those that a float64 represents exactly, which is no useful information.
  const limits = Object.entries(LIMITS)
    .filter(([key]) => typeof schema[key] === "number" && Math.abs(schema[key]) < Number.MAX_SAFE_INTEGER)
    .map(([key, text]) => `${text} ${schema[key]}`);
  return [typeof type === "string" ? type : "anything", ...limits].join(", ");
}

/** Describes the options of a part. Returns `undefined` if its schema has no JSON Schema. */
export function describeOptions(part: PartDefinition): OptionFacts[] | undefined {
  const schema = optionsSchema(part);
  if (schema === undefined) return undefined;
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(([name, property]) => ({
    name,
    type: typeOf(property),
    ...property["default"] !== undefined && { default: property["default"] },
    doc: typeof property["description"] === "string" ? property["description"] : undefined,
    required: (required as readonly string[]).includes(name) && property["default"] === undefined,
  }));
}

/** Returns the error for invalid options of a part, which names the part, the path of the option and the first issue. */
export function optionsError(
  { slot, name }: Pick<PartDefinition, "slot" | "name">,
  [issue]: readonly StandardSchemaV1.Issue[],
): UsageError {
  const steps = (issue?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  return new UsageError(`${slot} "${name}": ${["options", ...steps].join(".")}: ${issue?.message}`, {
    code: "invalid-manifest",
    option: "manifest",
  });
}
