import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import { installModel, readRegistries } from "@slomo/slomo/install";
import type { TaskIo } from "../_cli.ts";
import { parseOneName } from "../_command.ts";
import { createReporter } from "../_download_reporter.ts";
import type { CommandDefinition } from "../_options.ts";
import { readPlugins } from "../_toolkit.ts";
import { MANIFEST_OPTIONS } from "./_options.ts";

/** The command line of `models add`. */
export const ADD: CommandDefinition<typeof MANIFEST_OPTIONS> = {
  name: "models add",
  usage: ["NAME [options]"],
  about: "Installs a model by its name, as models list shows it. The file is downloaded, verified by its SHA-256, " +
    "converted, and stored in $SLOMO_CACHE/models; an interrupted download continues. The option --model then takes the name.",
  options: MANIFEST_OPTIONS,
};

/**
 * `deno task models add`.
 *
 * @throws {UsageError} If there is no such model, or no plugin converts it.
 * @throws {JobError} If the download fails, or the file is not the listed one.
 */
export async function addModel(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseOneName(ADD, args, io);
  if (parsed === undefined) return;
  const { given, values } = parsed, { manifest, plugins } = await readPlugins(values);
  const registered = await readRegistries(manifest, plugins), model = registered.get(given);
  if (model === undefined) {
    const names = [...registered].flatMap(([name, { entry }]) => "shipped" in entry.from ? [] : [name]);
    const suggestion = nearest(given, names);
    const hint = suggestion ? `did you mean ${suggestion}?` : `models to install are ${names.join(", ") || "none"}`;
    throw new UsageError(`models: cannot install "${given}": no registry lists it; ${hint}`, { code: "unknown-model" });
  }
  const report = { ...createReporter(Deno.stdout.isTerminal(), io.out), showPip: Deno.stdout.isTerminal() };
  const { installed, isNew } = await installModel(model, { plugins, report, signal: io.signal });
  const { path, record: { weights } } = installed;
  io.out(
    isNew
      ? `${given}: ${
        (weights.bytes / 1e6).toFixed(1)
      } MB in ${path}; license: ${model.entry.license}; use it with --model ${given}`
      : `${given} is installed: ${path}`,
  );
}
