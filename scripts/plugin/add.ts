import { UsageError } from "@slomo/core";
import { addPlugin, loadPlugins, parseManifest, resolveManifest } from "@slomo/core/manifest";
import type { OptionTable } from "@slomo/core/options";
import type { TaskIo } from "../_cli.ts";
import { type CommandDefinition, SHARED_OPTIONS } from "../_options.ts";
import { writeFileAtomic } from "@slomo/core/files";
import { importPlugin } from "../_toolkit.ts";
import { type ManifestFile, readManifestFile } from "@slomo/slomo/manifest";
import { agreeTo } from "../_trust.ts";
import { parseOneName } from "../_command.ts";
import { partsOf } from "./_facts.ts";
import { manifestSpecifier, resolveSpecifier } from "./_specifier.ts";
import { exists } from "@slomo/downloads";
import { SHIPPED_MANIFEST } from "@slomo/slomo/shipped";
import { fromFileUrl, resolve, toFileUrl } from "@std/path";

const OPTIONS = {
  manifest: { ...SHARED_OPTIONS.manifest, group: "Other", help: "Change the manifest FILE" },
  allowPlugins: {
    ...SHARED_OPTIONS.allowPlugins,
    group: "Other",
    help: "Load the plugin without asking if it is not in the lock file yet",
  },
} as const satisfies OptionTable;

/** The command line of `plugin add`. */
export const ADD: CommandDefinition<typeof OPTIONS> = {
  name: "plugin add",
  usage: ["SPECIFIER [options]"],
  about:
    "Adds a plugin to a manifest, after loading and checking it; comments and order are kept. A missing manifest is " +
    "created from the shipped one. SPECIFIER is " +
    "jsr:@scope/name@^1, npm:name@1, https://…/mod.ts, or the path of a module or of a package's folder.",
  options: OPTIONS,
};

/** Replaces the text of a manifest file. */
export async function writeManifest({ url, shown }: ManifestFile, text: string): Promise<void> {
  if (url.protocol !== "file:") {
    throw new UsageError(
      `${shown}: cannot change the manifest: it is not a file on this machine; copy it, and set \`manifest\` to the copy`,
      { option: "manifest" },
    );
  }
  await writeFileAtomic(fromFileUrl(url), text);
}

/** Reads a manifest. For a file that does not exist, returns the shipped manifest, to be written there. */
async function manifestFile(location: string | undefined): Promise<ManifestFile> {
  try {
    return await readManifestFile(location);
  } catch (error) {
    const isMissing = location !== undefined && !/^[a-z][a-z0-9+.-]+:/i.test(location) && !await exists(location);
    if (!isMissing) throw error;
    const { $schema: _, ...manifest } = JSON.parse(SHIPPED_MANIFEST);
    return {
      text: `${JSON.stringify(manifest, undefined, 2)}\n`,
      url: toFileUrl(resolve(location)),
      shown: location,
    };
  }
}

/** Returns the entry of a manifest that uses a part, by slot. */
const USE: Readonly<Record<string, (name: string) => string>> = {
  loss: (name) => `"losses": [{ "name": "${name}", "weight": 1 }]`,
  media: (name) => `"media": [{ "name": "${name}" }, …]`,
};

/**
 * `deno task plugin add`.
 *
 * @throws {UsageError} If it is not a plugin, conflicts with another one, or is already in the manifest.
 */
export async function addToManifest(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseOneName(ADD, args, io);
  if (parsed === undefined) return;
  const { given, values } = parsed;
  const file = await manifestFile(values.manifest), specifier = await resolveSpecifier(given);
  const changed = addPlugin(file.text, file.shown, manifestSpecifier(file.url, specifier));
  const manifest = resolveManifest(parseManifest(changed, file.shown), file.url);
  await agreeTo(manifest.plugins, values.allowPlugins);
  const added = (await loadPlugins(manifest.plugins, importPlugin)).at(-1)!;
  await writeManifest(file, changed);
  io.out(`added ${added.plugin.name} to ${file.shown}. To use its parts, write in "use":`);
  for (const { slot, name, description } of partsOf(added, manifest)) {
    // The manifest does not choose baselines and metrics; a task does.
    if (slot === "rateDoubler" || slot === "metric") continue;
    io.out(`  ${USE[slot]?.(name) ?? `"${slot}": { "name": "${name}" }`}   ${description}`);
  }
}
