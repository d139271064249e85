/** One table of options makes a script's parser, its errors and its help. */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";

/** One option of a script. */
export interface OptionSpec {
  /** What stands for the value in the help; absent from a switch. */
  readonly value?: string;
  /** One sentence for the help, with the default. */
  readonly help: string;
}

/** A script's options by name, without dashes. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

type Values<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends { readonly value: string } ? string | undefined : boolean;
};

/** What a command line holds. */
export interface ParsedOptions<T extends OptionTable> {
  /** Values by option name. */
  readonly options: Values<T>;
  /** The other arguments. */
  readonly rest: readonly string[];
}

/** `--factor -2` means the value −2, so that the error can be about it. */
function joinNegativeValues(args: readonly string[], strings: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!, next = args[i + 1];
    if (arg === "--") return [...joined, ...args.slice(i)];
    if (next !== undefined && strings.includes(arg.slice(2)) && arg.startsWith("--") && /^-[\d.]/.test(next)) {
      joined.push(`${arg}=${next}`);
      i++;
    } else joined.push(arg);
  }
  return joined;
}

function refuseUnknown(arg: string, names: readonly string[]): never {
  const meant = nearest(arg.replace(/^-+/, "").replace(/=.*/s, ""), names);
  const hint = meant ? `did you mean --${meant}?` : "see --help";
  throw new UsageError(`there is no option ${arg}; ${hint} A file of that name is written ./${arg}`);
}

/**
 * Sorts a command line by a table of options.
 *
 * @throws {UsageError} If an option is not in the table or lacks its value.
 */
export function parseOptions<const T extends OptionTable>(args: readonly string[], table: T): ParsedOptions<T> {
  const names = Object.keys(table);
  const strings = names.filter((name) => table[name]!.value !== undefined);
  const parsed = parseArgs(joinNegativeValues(args, strings), {
    string: [...strings, "_"],
    boolean: names.filter((name) => table[name]!.value === undefined),
    alias: names.includes("help") ? { help: "h" } : {},
    unknown: (arg) => arg.startsWith("-") && arg !== "-" ? refuseUnknown(arg, names) : true,
  });
  const options: Record<string, string | boolean | undefined> = {};
  for (const name of names) {
    const value = parsed[name] as string | boolean | undefined;
    if (value === "") throw new UsageError(`--${name} needs a value: --${name} ${table[name]!.value}`);
    options[name] = value;
  }
  return { options: options as Values<T>, rest: parsed._.map(String) };
}

/** The help of a script: its use, what it does, and its options in two columns. */
export function helpText(use: string, about: string, table: OptionTable): string {
  const rows = Object.entries(table).map(([name, { value, help }]) =>
    [`--${name}${value ? ` ${value}` : ""}`, help] as const
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return [`Use: ${use}`, "", about, "", ...rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`)].join("\n");
}

/**
 * The one of `choices` that `value` names, or `fallback` where it is absent.
 *
 * @throws {UsageError} If it names none of them.
 */
export function oneOf<const C extends string, F>(
  name: string,
  value: string | undefined,
  choices: readonly C[],
  fallback: F,
): C | F {
  if (value === undefined) return fallback;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new UsageError(`--${name} must be one of ${choices.join(", ")}, got "${value}"`);
  return choice;
}

/**
 * A number in a range, or `undefined` where the option is absent.
 *
 * @throws {UsageError} If it is no number or lies outside.
 */
export function numberIn(name: string, value: string | undefined, low: number, high: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() !== "" && number >= low && number <= high) return number;
  throw new UsageError(`--${name} must be a number from ${low} to ${high}, got "${value}"`);
}
