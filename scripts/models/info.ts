import { fileReasonOf, UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import { chooseModel } from "@slomo/slomo/manifest";
import type { TaskIo } from "../_cli.ts";
import { parseOneName } from "../_command.ts";
import type { CommandDefinition } from "../_options.ts";
import { type ManifestWithPlugins, openWeightsFile, readPlugins } from "../_toolkit.ts";
import { modelFacts, modelLines } from "./_facts.ts";
import { JSON_OPTION, MANIFEST_OPTIONS } from "./_options.ts";

const OPTIONS = { ...MANIFEST_OPTIONS, ...JSON_OPTION } as const;

/** The command line of `models info`. */
export const INFO: CommandDefinition<typeof OPTIONS> = {
  name: "models info",
  usage: ["NAME [options]"],
  about: "Shows one model: the facts of models list, and the networks and the training that its weights file records.",
  options: OPTIONS,
};

/** Returns the description in the weights file of a model. */
async function weightsFacts(
  name: string,
  { manifest, plugins }: ManifestWithPlugins,
): Promise<Readonly<Record<string, unknown>>> {
  const { facts } = await openWeightsFile(await chooseModel(manifest, name, () => Promise.resolve(plugins))) ?? {};
  return facts
    ? { flowEstimator: facts.flowEstimator, interpolator: facts.interpolator, training: facts.training }
    : {};
}

/**
 * `deno task models info`.
 *
 * @throws {UsageError} If there is no such model.
 */
export async function showModel(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseOneName(INFO, args, io);
  if (parsed === undefined) return;
  const { given, values } = parsed, loaded = await readPlugins(values);
  const all = await modelFacts(loaded), model = all.find(({ name }) => name === given);
  if (model === undefined) {
    const names = all.map(({ name }) => name), suggestion = nearest(given, names);
    const hint = suggestion ? `did you mean ${suggestion}?` : `models are ${names.join(", ")}`;
    throw new UsageError(`models: cannot show "${given}": there is no such model; ${hint}`, { code: "unknown-model" });
  }
  const weights = model.state === "not installed"
    ? {}
    : await weightsFacts(given, loaded).catch((error) => ({ weights: fileReasonOf(error) }));
  if (values.json) return io.out(JSON.stringify({ ...model, ...weights }, undefined, 2));
  io.out(modelLines(model).join("\n"));
  for (const [key, value] of Object.entries(weights)) {
    if (value !== undefined) io.out(`  ${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  if (model.state === "not installed") io.out(`Install it with: deno task models add ${given}`);
}
