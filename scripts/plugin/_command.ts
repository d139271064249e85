import { UsageError } from "@slomo/core";
import type { TaskIo } from "../_cli.ts";
import { helpText, type OptionTable, type ParsedOptions, parseOptions } from "../_options.ts";

/** A command of `deno task plugin` that takes one name. */
export interface Command<T extends OptionTable> {
  /** As it is typed: `add`. */
  readonly name: string;
  /** What its name stands for: `SPECIFIER`. */
  readonly takes: string;
  /** Options that the help shows in its use. @default {"[options]"} */
  readonly use?: string;
  /** What it does. */
  readonly about: string;
  /** Its options, `help` among them. */
  readonly options: T & { readonly help: { readonly help: string } };
}

/**
 * The name and the options of a command line; `undefined` where it asked for help, which is then shown.
 *
 * @throws {UsageError} If there is not one name, or an option is wrong.
 */
export function parseCommand<const T extends OptionTable>(
  { name, takes, use = "[options]", about, options: table }: Command<T>,
  args: readonly string[],
  { out }: Pick<TaskIo, "out">,
): { readonly given: string; readonly options: ParsedOptions<T>["options"] } | undefined {
  const { options, rest: [given, ...others] } = parseOptions<OptionTable>(args, table);
  if (options["help"]) {
    out(helpText(`deno task plugin ${name} ${takes} ${use}`, about, table));
    return undefined;
  }
  if (given === undefined || others.length > 0) {
    const count = given === undefined ? 0 : 1 + others.length;
    throw new UsageError(`plugin ${name} takes one ${takes}, got ${count}; see --help`);
  }
  return { given, options: options as ParsedOptions<T>["options"] };
}
