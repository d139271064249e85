import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { PartDefinition } from "../contracts/parts.ts";
import { UsageError } from "../errors.ts";

/** A JSON Schema, as far as is looked at here. */
export interface JsonSchema {
  /** Other words of the schema. */
  readonly [word: string]: unknown;
}

/** An option of a part, for people. */
export interface OptionFacts {
  /** Its key in a manifest's `options`. */
  readonly name: string;
  /** What it may be, in words: `integer, at least 1, at most 15`. */
  readonly type: string;
  /** What stands in its place where it is left out; absent where nothing does. */
  readonly default?: unknown;
  /** What it is for, as the plugin's author describes it. */
  readonly doc?: string | undefined;
  /** Whether it must be given. */
  readonly required: boolean;
}

interface WithJsonSchema {
  readonly jsonSchema: { input(options: { readonly target: string }): Record<string, unknown> };
}

/**
 * The JSON Schema of what a manifest may give as options of a part, by the Standard JSON Schema interface; `undefined` where
 * the part's library has it not or cannot say it so.
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

/** What a schema lets through, in words. */
function typeOf(schema: JsonSchema): string {
  const { type, items, anyOf, const: constant } = schema, choices = schema["enum"];
  if (Array.isArray(choices)) return choices.map((value) => JSON.stringify(value)).join(" | ");
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(anyOf)) return anyOf.map((one) => typeOf(one as JsonSchema)).join(" or ");
  if (type === "array") return `list of (${typeOf((items ?? {}) as JsonSchema)})`;
  // Libraries bound integers by what a float64 holds, which tells nobody anything.
  const limits = Object.entries(LIMITS)
    .filter(([word]) => typeof schema[word] === "number" && Math.abs(schema[word]) < Number.MAX_SAFE_INTEGER)
    .map(([word, text]) => `${text} ${schema[word]}`);
  return [typeof type === "string" ? type : "anything", ...limits].join(", ");
}

/** The options of a part; `undefined` where its schema does not tell. */
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

/** The error for options that a part's schema refuses: names the part, the place and the first thing that is wrong there. */
export function optionsError(
  { slot, name }: Pick<PartDefinition, "slot" | "name">,
  [issue]: readonly StandardSchemaV1.Issue[],
): UsageError {
  const steps = (issue?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  return new UsageError(`${slot} "${name}": ${["options", ...steps].join(".")}: ${issue?.message}`);
}
