/** JSON Schemas that editors read; `deno task schema` writes them, and the house checks hold the files to the code. */
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

/** One line for each file that is not what the code makes. */
export async function schemaOffences(): Promise<string[]> {
  const offences: string[] = [];
  for (const [path, text] of Object.entries(await schemaFiles())) {
    const found = await Deno.readTextFile(new URL(path, ROOT)).catch(() => undefined);
    if (found !== text) {
      offences.push(`${path} is not what the schemas in the code say: run deno task schema (schemas)`);
    }
  }
  return offences;
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await schemaFiles())) await Deno.writeTextFile(new URL(path, ROOT), text);
}
