/** JSON Schemas that editors read; `deno task schema` writes them, and `deno task check` compares the files with the code. */
import { loadPlugins, manifestJsonSchema } from "@slomo/core/manifest";
import { trainJsonSchema } from "@slomo/training";
import { readManifest } from "../_toolkit.ts";

const ROOT = new URL("../../", import.meta.url);

/** The text that each file should have, by its path in the repository. */
export async function schemaFiles(): Promise<Record<string, string>> {
  const plugins = await loadPlugins((await readManifest()).plugins);
  const text = (schema: unknown) => `${JSON.stringify(schema, undefined, 2)}\n`;
  return { "slomo.schema.json": text(manifestJsonSchema(plugins)), "train.schema.json": text(trainJsonSchema()) };
}

/** Finds schema files that differ from what the code makes. */
export async function findOldSchemas(): Promise<string[]> {
  const findings: string[] = [];
  for (const [path, text] of Object.entries(await schemaFiles())) {
    const found = await Deno.readTextFile(new URL(path, ROOT)).catch(() => undefined);
    if (found !== text) {
      findings.push(`${path}: differs from the schemas in the code; run deno task schema (schemas)`);
    }
  }
  return findings;
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await schemaFiles())) await Deno.writeTextFile(new URL(path, ROOT), text);
}
