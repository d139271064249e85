import { JobError } from "@slomo/core";
import { type OptionFacts, parseManifest, resolveManifest } from "@slomo/core/manifest";
import type { OptionTable } from "@slomo/core/options";
import type { TaskIo } from "../_cli.ts";
import { parseOptionsOnly } from "../_command.ts";
import { type CommandDefinition, SHARED_OPTIONS } from "../_options.ts";
import { readManifestFile } from "@slomo/slomo/manifest";
import { inspectPlugins, type PartFacts, type PluginFacts } from "./_facts.ts";

const OPTIONS = {
  manifest: { ...SHARED_OPTIONS.manifest, group: "Other" },
  allowPlugins: { ...SHARED_OPTIONS.allowPlugins, group: "Other" },
  json: { ...SHARED_OPTIONS.json, group: "Other", help: "Write the list to standard output as JSON" },
} as const satisfies OptionTable;

/** The command line of `plugin list`. */
export const LIST: CommandDefinition<typeof OPTIONS> = {
  name: "plugin list",
  usage: ["[options]"],
  about: "Lists the plugins of a manifest: origin, version, parts, and the options of the parts with their defaults.",
  options: OPTIONS,
};

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

/** Formats a plugin and its parts as lines of text. */
export function pluginLines({ specifier, origin, version, integrity, name, parts, error }: PluginFacts): string[] {
  const origins = `${origin}${integrity ? ", locked" : ""}`;
  const head = name === undefined ? specifier : `${name}${version ? ` ${version}` : ""}`;
  return [
    `${head} (${origins}${name === undefined ? "" : `: ${specifier}`})`,
    ...error === undefined ? [] : [`  NOT LOADED: ${error}`],
    ...parts.flatMap(partLines),
  ];
}

/**
 * `deno task plugin list`.
 *
 * @throws {UsageError} If the manifest cannot be read.
 * @throws {JobError} If a plugin is not loaded, after all are listed.
 */
export async function listPlugins(args: readonly string[], io: TaskIo): Promise<void> {
  const values = parseOptionsOnly(LIST, args, io);
  if (values === undefined) return;
  const { text, url, shown } = await readManifestFile(values.manifest), written = parseManifest(text, shown);
  const facts = await inspectPlugins(resolveManifest(written, url), written.plugins, values.allowPlugins);
  io.out(values.json ? JSON.stringify(facts, undefined, 2) : facts.flatMap(pluginLines).join("\n"));
  const broken = facts.filter(({ error }) => error !== undefined);
  if (broken.length > 0) {
    throw new JobError(`not loaded: ${broken.map(({ specifier }) => specifier).join(", ")}; the list says why`);
  }
}
