import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { findOutdatedFiles } from "../scripts/checks/schemas.ts";
import { inRepo } from "./_tools.ts";

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly allOf?: readonly { readonly if: Schema; readonly then: Schema }[];
  readonly const?: string;
  readonly examples?: readonly string[];
}

const read = async (name: string): Promise<Schema> => JSON.parse(await Deno.readTextFile(inRepo(name)));

Deno.test("the JSON Schemas match the code", async () => {
  equal(await findOutdatedFiles(), []);
});

Deno.test("slomo.schema.json has the parts of the default plugins, and their options with defaults and descriptions", async () => {
  const { properties } = await read("slomo.schema.json"), slots = properties["use"]!.properties;
  ok(properties["$schema"] && properties["plugins"]?.description);
  const flow = slots["flowEstimator"]!, { if: given, then } = flow.allOf![0]!;
  equal([flow.properties["name"]!.examples, given.properties["name"]!.const], [["super-slomo"], "super-slomo"]);
  const options = then.properties["options"]!.properties;
  equal([options["width"]!.default, typeof options["width"]!.description], [1, "string"]);
  // Every option of every part has a description.
  const seen: string[] = [];
  JSON.stringify(await read("slomo.schema.json"), (key, value) => {
    if (key === "then") {
      for (const [name, option] of Object.entries((value as Schema).properties["options"]!.properties)) {
        ok(option.description, name);
        seen.push(name);
      }
    }
    return value;
  });
  ok(seen.length > 10, `${seen}`);
});

Deno.test("slomo.json names its schema, and train.schema.json requires no property", async () => {
  const { $schema } = JSON.parse(await Deno.readTextFile(inRepo("slomo.json")));
  ok((await Deno.stat(inRepo($schema))).isFile);
  const { properties, required } = await read("train.schema.json");
  equal(required, undefined);
  ok(properties["preset"] && properties["steps"] && properties["schedule"]);
});
