/** Files that are generated from the code: JSON Schemas, the page of options, images of time curves, the templates of plugins. `deno task schema` writes them, and `deno task check` compares them. */
import { fromFileUrl } from "@std/path";
import { loadPlugins, manifestJsonSchema, registryJsonSchema } from "@slomo/core/manifest";
import { retimeJsonSchema } from "@slomo/core/retime";
import { pairsJsonSchema } from "@slomo/core/video";
import { trainJsonSchema } from "@slomo/training";
import { readManifest } from "../_toolkit.ts";
import { curveImages } from "./curve_images.ts";
import { optionsPage } from "./options_page.ts";
import { templatesModule } from "./templates.ts";
import { traceablePage } from "./traceable_page.ts";

const ROOT = new URL("../../", import.meta.url);

/** Formats a text as `deno fmt` does. */
async function formatted(text: string, kind: "md" | "svg" | "ts"): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", kind, "-"],
    cwd: fromFileUrl(ROOT),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await ReadableStream.from([new TextEncoder().encode(text)]).pipeTo(child.stdin);
  return new TextDecoder().decode((await child.output()).stdout);
}

/** Returns the text that each file should have, by its path in the repository. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const plugins = await loadPlugins((await readManifest()).plugins);
  const images: Record<string, string> = {};
  for (const [path, image] of Object.entries(curveImages())) images[path] = await formatted(image, "svg");
  const text = (schema: unknown) => `${JSON.stringify(schema, undefined, 2)}\n`;
  return {
    "slomo.schema.json": text(manifestJsonSchema(plugins)),
    "train.schema.json": text(trainJsonSchema()),
    "retime.schema.json": text(retimeJsonSchema()),
    "pairs.schema.json": text(pairsJsonSchema()),
    "models.schema.json": text(registryJsonSchema()),
    ...images,
    "docs/options.md": await formatted(optionsPage(), "md"),
    "docs/traceable-ops.md": await formatted(traceablePage(), "md"),
    "scripts/plugin/_templates.ts": await formatted(await templatesModule(), "ts"),
  };
}

/** Finds generated files that differ from the code. */
export async function findOutdatedFiles(): Promise<string[]> {
  const findings: string[] = [];
  for (const [path, text] of Object.entries(await generatedFiles())) {
    const found = await Deno.readTextFile(new URL(path, ROOT)).catch(() => undefined);
    if (found !== text) {
      findings.push(`${path}: differs from the code; run deno task schema (generated files)`);
    }
  }
  return findings;
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    await Deno.writeTextFile(new URL(path, ROOT), text);
  }
}
