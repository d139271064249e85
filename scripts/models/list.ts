import type { TaskIo } from "../_cli.ts";
import { parseOptionsOnly } from "../_command.ts";
import type { CommandDefinition } from "../_options.ts";
import { readPlugins } from "../_toolkit.ts";
import { modelFacts, modelLines } from "./_facts.ts";
import { JSON_OPTION, MANIFEST_OPTIONS } from "./_options.ts";

const OPTIONS = { ...MANIFEST_OPTIONS, ...JSON_OPTION } as const;

/** The command line of `models list`. */
export const LIST: CommandDefinition<typeof OPTIONS> = {
  name: "models list",
  usage: ["[options]"],
  about: "Lists models: strengths, size, license, source, model card, SHA-256, and whether they are installed.",
  options: OPTIONS,
};

/**
 * `deno task models list`.
 *
 * @throws {UsageError} If the manifest or one of its registries cannot be read.
 */
export async function listModels(args: readonly string[], io: TaskIo): Promise<void> {
  const values = parseOptionsOnly(LIST, args, io);
  if (values === undefined) return;
  const facts = await modelFacts(await readPlugins(values));
  if (values.json) return io.out(JSON.stringify(facts, undefined, 2));
  io.out(facts.map((model) => modelLines(model).join("\n")).join("\n\n"));
}
