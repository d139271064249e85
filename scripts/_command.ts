import { UsageError } from "@slomo/core";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import { type CommandDefinition, parseCommand, usageLines } from "./_options.ts";

/**
 * Parses the command line of a command that takes one name, or shows its help and returns `undefined`.
 *
 * @throws {UsageError} If the number of names is not one, or an option is wrong.
 */
export function parseOneName<const T extends OptionTable>(
  command: CommandDefinition<T>,
  args: readonly string[],
  io: { out(line: string): void },
): { readonly given: string; readonly values: OptionValues<T> } | undefined {
  const parsed = parseCommand(command, args, io);
  if (parsed === undefined) return undefined;
  const { values, rest: [given, ...others] } = parsed;
  if (given !== undefined && others.length === 0) return { given, values };
  const what = command.usage[0]!.split(" ", 1)[0];
  throw new UsageError(`${command.name} takes one ${what}, got ${parsed.rest.length}; see --help`);
}

/** Returns the help of a task with commands: each command with its first sentence. */
export function commandsHelp(task: string, commands: readonly CommandDefinition[]): string {
  const [usage] = usageLines({ name: task, usage: ["COMMAND [options]"], about: "", options: {} });
  const lines = commands.map(({ name, about }) =>
    `  ${name.slice(task.length + 1).padEnd(8)}${/^[^:;.]*/.exec(about)}`
  );
  return [`Usage: ${usage}`, "", "Commands:", ...lines, "", "COMMAND --help shows the options of a command."].join(
    "\n",
  );
}
