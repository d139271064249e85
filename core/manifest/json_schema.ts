import { z } from "zod";
import { type JsonSchema, optionsSchema } from "./describe_options.ts";
import { manifestSchema } from "./manifest.ts";
import { OLD_MEDIA } from "./parse.ts";
import type { LoadedPlugin } from "./plugin_loader.ts";

/** Keys below `use` by slot. */
const KEYS: Readonly<Record<string, string>> = {
  flowEstimator: "flowEstimator",
  interpolator: "interpolator",
  warp: "warp",
  media: "media",
  loss: "losses",
};

/** Returns conditional schemas, which select the schema of the options by the name of the part. */
function optionsByName(plugins: readonly LoadedPlugin[], slot: string): JsonSchema[] {
  const parts = plugins.flatMap(({ plugin }) => plugin.provides).filter((part) => part.slot === slot);
  return parts.flatMap((part) => {
    const { $schema: _, ...options } = optionsSchema(part) ?? {};
    if (Object.keys(options).length === 0) return [];
    const then = { properties: { options: { ...options, description: part.description } } };
    return [{ if: { properties: { name: { const: part.name } } }, then }];
  });
}

/** Returns the schemas of a slot's value: a single part, or the items of a list. */
function choicesOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf, items } = schema;
  if (Array.isArray(anyOf)) return anyOf.flatMap((schema) => choicesOf(schema as JsonSchema));
  return [(items ?? schema) as JsonSchema];
}

/**
 * Returns the JSON Schema of manifests, for editors, with the names of parts and their options, defaults and descriptions.
 *
 * @param plugins Known plugins. A manifest may contain others; their options are not checked.
 */
export function manifestJsonSchema(plugins: readonly LoadedPlugin[]): JsonSchema {
  const schema = structuredClone(z.toJSONSchema(manifestSchema, { io: "input" })) as unknown as JsonSchema;
  const use = (schema["properties"] as Record<string, { properties: Record<string, JsonSchema> }>)["use"]!.properties;
  for (const [slot, key] of Object.entries(KEYS)) {
    const names = plugins.flatMap(({ plugin }) => plugin.provides).filter((part) => part.slot === slot);
    for (const choice of choicesOf(use[key]!)) {
      const { name } = choice["properties"] as Record<string, JsonSchema>;
      Object.assign(name!, { examples: names.map((part) => part.name) });
      Object.assign(choice, { allOf: optionsByName(plugins, slot) });
    }
  }
  addOldName(schema);
  return schema;
}

/** Accepts the old name of `use.media`, which editors then mark as deprecated. */
function addOldName(schema: JsonSchema): void {
  const use = (schema["properties"] as Record<string, JsonSchema>)["use"]!;
  const { properties, required } = use as { properties: Record<string, JsonSchema>; required: string[] };
  const description = "Deprecated: the old name of `media`.";
  Object.assign(properties, { [OLD_MEDIA]: { ...properties["media"], description, deprecated: true } });
  const rest = required.filter((name) => name !== "media");
  Object.assign(use, { required: rest, oneOf: [{ required: ["media"] }, { required: [OLD_MEDIA] }] });
}
