import { JobError, UsageError } from "@slomo/core";
import { type OptionFacts, parseManifest, resolveManifest } from "@slomo/core/manifest";
import type { TaskIo } from "../_cli.ts";
import { helpText, type OptionTable, parseOptions } from "../_options.ts";
import { readManifestFile } from "../_toolkit.ts";
import { lookAt, type PartFacts, type PluginFacts } from "./_facts.ts";

const OPTIONS = {
  manifest: { value: "FILE", help: "The manifest; slomo.json of the toolkit." },
  "allow-plugins": { help: "Load plugins from elsewhere that are not in the lock file yet." },
  json: { help: "As JSON." },
  help: { help: "Show this." },
} as const satisfies OptionTable;

const ABOUT =
  `Lists the plugins of a manifest: where each comes from, its version, its parts, and their options with what stands in
the place of those that are left out.`;

function optionLines(options: readonly OptionFacts[]): string[] {
  const width = Math.max(0, ...options.map(({ name }) => name.length));
  return options.flatMap(({ name, type, default: value, doc, required }) => {
    const otherwise = value !== undefined ? `; default ${JSON.stringify(value)}` : required ? "; needed" : "";
    return [`    ${name.padEnd(width)}  ${type}${otherwise}`, ...doc ? [`    ${" ".repeat(width)}  ${doc}`] : []];
  });
}

function partLines({ slot, name, description, inUse, options }: PartFacts): string[] {
  const head = `  ${slot} ${name}${inUse ? ", in use" : ""}: ${description}`;
  return [head, ...optionLines(options ?? [])];
}

/** A plugin and its parts in lines for people. */
export function pluginLines({ specifier, origin, version, integrity, name, parts, error }: PluginFacts): string[] {
  const place = `${origin}${integrity ? ", locked" : ""}`;
  const head = name === undefined ? specifier : `${name}${version ? ` ${version}` : ""}`;
  return [
    `${head} (${place}${name === undefined ? "" : `: ${specifier}`})`,
    ...error === undefined ? [] : [`  NOT LOADED: ${error}`],
    ...parts.flatMap(partLines),
  ];
}

/**
 * `deno task plugin list`.
 *
 * @throws {UsageError} If the manifest cannot be read.
 * @throws {JobError} If a plugin is not loaded, once all are listed.
 */
export async function listPlugins(args: readonly string[], io: TaskIo): Promise<void> {
  const { options, rest } = parseOptions(args, OPTIONS);
  if (options.help) return io.out(helpText("deno task plugin list [options]", ABOUT, OPTIONS));
  if (rest.length > 0) throw new UsageError(`plugin list takes options alone, got "${rest[0]}"; see --help`);
  const { text, url, shown } = await readManifestFile(options.manifest), written = parseManifest(text, shown);
  const facts = await lookAt(resolveManifest(written, url), written.plugins, options["allow-plugins"]);
  io.out(options.json ? JSON.stringify(facts, undefined, 2) : facts.flatMap(pluginLines).join("\n"));
  const broken = facts.filter(({ error }) => error !== undefined);
  if (broken.length > 0) {
    throw new JobError(`not loaded: ${broken.map(({ specifier }) => specifier).join(", ")}; the list says why`);
  }
}
