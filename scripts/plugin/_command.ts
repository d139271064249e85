import { UsageError } from "@slomo/core";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import { type CommandDefinition, parseCommand } from "../_options.ts";

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
