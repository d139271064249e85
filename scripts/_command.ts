/** Tasks that consist of commands, such as `models add`, and commands that take one name or none. */
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import type { Task } from "./_cli.ts";
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

/**
 * Parses the command line of a command that takes no names, or shows its help and returns `undefined`.
 *
 * @throws {UsageError} If there is a name, or an option is wrong.
 */
export function parseOptionsOnly<const T extends OptionTable>(
  command: CommandDefinition<T>,
  args: readonly string[],
  io: { out(line: string): void },
): OptionValues<T> | undefined {
  const parsed = parseCommand(command, args, io);
  if (!parsed || parsed.rest.length === 0) return parsed?.values;
  throw new UsageError(`${command.name} takes options only, got "${parsed.rest[0]}"; see --help`);
}

/** Returns the help of a task with commands: each command with its first sentence. */
function commandsHelp(task: string, commands: readonly CommandDefinition[]): string {
  const [usage] = usageLines({ name: task, usage: ["COMMAND [options]"], about: "", options: {} });
  const lines = commands.map(({ name, about }) =>
    `  ${name.slice(task.length + 1).padEnd(8)}${/^[^:;.]*/.exec(about)}`
  );
  return [`Usage: ${usage}`, "", "Commands:", ...lines, "", "COMMAND --help shows the options of a command."].join(
    "\n",
  );
}

/**
 * Returns a task that runs the command which its first argument names.
 *
 * @param task Name of the task, with which the names of its commands begin.
 * @param entries Command lines, each with the function that runs it.
 */
export function taskOfCommands(
  task: string,
  entries: readonly (readonly [command: CommandDefinition, run: Task["run"]])[],
): Task {
  const commands = entries.map(([command]) => command);
  const runs = new Map(entries.map(([{ name }, run]) => [name.slice(task.length + 1), run]));
  return {
    commands,
    async run([name, ...args], io) {
      if (name === undefined || name === "--help" || name === "-h") return io.out(commandsHelp(task, commands));
      const run = runs.get(name);
      if (run) return await run(args, io);
      const names = [...runs.keys()], suggestion = nearest(name, names);
      const hint = suggestion ? `did you mean "${suggestion}"?` : `commands are ${names.join(", ")}`;
      throw new UsageError(`${task} has no command "${name}"; ${hint}`);
    },
  };
}
