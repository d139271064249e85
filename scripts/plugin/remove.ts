import { parseManifest, removePlugin, resolveManifest } from "@slomo/core/manifest";
import type { OptionTable } from "@slomo/core/options";
import type { TaskIo } from "../_cli.ts";
import { type CommandDefinition, SHARED_OPTIONS } from "../_options.ts";
import { readManifestFile } from "@slomo/slomo/manifest";
import { parseOneName } from "../_command.ts";
import { writeManifest } from "./add.ts";
import { inspectPlugins } from "./_facts.ts";
import { manifestSpecifier, resolveSpecifier } from "./_specifier.ts";

const OPTIONS = {
  manifest: { ...SHARED_OPTIONS.manifest, group: "Other", help: "Change the manifest FILE" },
} as const satisfies OptionTable;

/** The command line of `plugin remove`. */
export const REMOVE: CommandDefinition<typeof OPTIONS> = {
  name: "plugin remove",
  usage: ["SPECIFIER [options]"],
  about:
    "Removes a plugin from a manifest; comments and the order of the rest are kept. SPECIFIER is that of the manifest, " +
    "with or without its version, or the path of the module or package.",
  options: OPTIONS,
};

const withoutVersion = (specifier: string) => specifier.replace(/^((?:jsr|npm):\/?(?:@[^/@]+\/)?[^/@]+)@[^/]+/, "$1");

/** Returns the specifier of a manifest that an argument of the command line names. */
async function findSpecifier(specifiers: readonly string[], given: string, manifest: URL): Promise<string> {
  if (specifiers.includes(given)) return given;
  const versions = specifiers.filter((specifier) => withoutVersion(specifier) === withoutVersion(given));
  if (versions.length === 1) return versions[0]!;
  // A file that was deleted can still be named as in the manifest.
  return await resolveSpecifier(given).then((specifier) => manifestSpecifier(manifest, specifier), () => given);
}

/**
 * `deno task plugin remove`.
 *
 * @throws {UsageError} If the manifest does not have the plugin, or has no other one.
 */
export async function removeFromManifest(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseOneName(REMOVE, args, io);
  if (parsed === undefined) return;
  const { given, values } = parsed;
  const file = await readManifestFile(values.manifest), { plugins } = parseManifest(file.text, file.shown);
  const specifier = await findSpecifier(plugins, given, file.url);
  const changed = removePlugin(file.text, file.shown, specifier);
  await writeManifest(file, changed);
  io.out(`removed ${specifier} from ${file.shown}`);
  const remaining = parseManifest(changed, file.shown), { use } = remaining;
  const facts = await inspectPlugins(resolveManifest(remaining, file.url), remaining.plugins, false);
  if (facts.some(({ error }) => error !== undefined)) return;
  const provided = new Set(facts.flatMap(({ parts }) => parts.map(({ slot, name }) => `${slot} ${name}`)));
  for (const [key, choices] of Object.entries(use)) {
    const slot = key === "losses" ? "loss" : key;
    for (const { name } of [choices ?? []].flat()) {
      if (!provided.has(`${slot} ${name}`)) io.out(`"use.${key}" names "${name}", which no other plugin provides`);
    }
  }
}
