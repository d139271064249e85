/** Command lines of tasks from the definitions of their options: the parser, its errors, and the help. */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import { flagOf, type OptionDefinition, type OptionTable, type OptionValues, readOption } from "@slomo/core/options";
import { MODEL_OPTIONS } from "@slomo/slomo/options";

/** A task of the command line, or a command of one, as data. */
export interface CommandDefinition<T extends OptionTable = OptionTable> {
  /** Name on the command line: `interpolate`, `plugin new`. */
  readonly name: string;
  /** Arguments other than options, for each form of the command: `IN OUT`. */
  readonly usage: readonly string[];
  /** Description of the command, in sentences. */
  readonly about: string;
  /** Its options, by their names in the API. */
  readonly options: T;
  /** Lines at the end of the help. */
  readonly details?: readonly string[];
}

/** Values of a command line. */
export interface ParsedCommand<T extends OptionTable> {
  /** Values by the options' names. */
  readonly values: OptionValues<T>;
  /** The other arguments. */
  readonly rest: readonly string[];
}

/** An option of every command. */
const HELP = { help: { kind: "switch", help: "Show this help" } } as const satisfies OptionTable;

/** Options that several tasks share. */
export const SHARED_OPTIONS = {
  model: MODEL_OPTIONS.model,
  weights: MODEL_OPTIONS.weights,
  manifest: MODEL_OPTIONS.manifest,
  backend: MODEL_OPTIONS.backend,
  device: MODEL_OPTIONS.device,
  precision: MODEL_OPTIONS.precision,
  ffmpeg: MODEL_OPTIONS.ffmpeg,
  allowPlugins: {
    ...{ kind: "switch", group: "Model and backend" },
    help: "Load remote plugins that are not in the lock file yet; they get all permissions of slomo",
  },
  overwrite: { kind: "switch", group: "Output", help: "Replace an existing output" },
  json: { kind: "switch", group: "Messages", help: "Write events to standard output, one JSON object per line" },
} as const satisfies OptionTable;

/** Command that starts a task: in a clone of the repository, or from the registry. */
const STARTER = import.meta.url.startsWith("file:") ? "deno task" : "deno run -A jsr:@slomo/cli";

/** Returns the names of an option on the command line, without dashes: one, or two if another name turns it off. */
function flagsOf(name: string, definition: OptionDefinition): string[] {
  const off = definition.kind === "number" && definition.offFlag;
  return [flagOf(name, definition), ...off ? [off] : []];
}

/** Replaces options in backticks by flags: `keepStill` becomes --keep-still. */
export function withFlags(message: string, options: OptionTable): string {
  return message.replace(/`([a-z][a-zA-Z]*)`/g, (quoted, name: string) => {
    const definition = Object.hasOwn(options, name) ? options[name] : undefined;
    return definition ? `--${flagOf(name, definition)}` : quoted;
  });
}

/** Joins `--factor -2` to `--factor=-2`, so that the error is about the value. */
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

function refuseUnknown(arg: string, flags: readonly string[]): never {
  const meant = nearest(arg.replace(/^-+/, "").replace(/=.*/s, ""), flags);
  const hint = meant ? `did you mean --${meant}?` : "see --help.";
  throw new UsageError(`there is no option ${arg}; ${hint} To name a file, write ./${arg}`, { code: "unknown-option" });
}

/** @throws {UsageError} If options exclude each other. */
function refuseBoth(first: string, second: string): never {
  throw new UsageError(`--${first} and --${second} cannot be combined; give one of them`);
}

/**
 * Parses a command line.
 *
 * @throws {UsageError} If an option is unknown, lacks its value, does not accept it, or excludes another one.
 */
export function parseOptions<const T extends OptionTable>(args: readonly string[], table: T): ParsedCommand<T> {
  const all: OptionTable = { ...table, ...HELP }, names = Object.keys(all);
  const flag = (name: string) => flagOf(name, all[name]!);
  const strings = names.filter((name) => all[name]!.kind !== "switch").map(flag);
  const flags = names.flatMap((name) => flagsOf(name, all[name]!));
  const parsed = parseArgs(joinNegativeValues(args, strings), {
    string: [...strings, "_"],
    collect: names.filter((name) => all[name]!.kind === "texts").map(flag),
    boolean: flags.filter((one) => !strings.includes(one)),
    alias: { help: "h" },
    unknown: (arg) => arg.startsWith("-") && arg !== "-" ? refuseUnknown(arg, flags) : true,
  });
  const isGiven = (one: string) => {
    const given: unknown = parsed[one];
    return given !== undefined && given !== false && !(Array.isArray(given) && given.length === 0);
  };
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const definition = all[name]!, [own, off] = flagsOf(name, definition);
    const given: unknown = parsed[own!];
    for (const other of definition.excludes ?? []) {
      if (isGiven(own!) && isGiven(flag(other))) refuseBoth(own!, flag(other));
    }
    if (off !== undefined && isGiven(off) && isGiven(own!)) refuseBoth(own!, off);
    if (definition.kind === "switch") values[name] = given;
    else if (off !== undefined && isGiven(off)) values[name] = false;
    else if (given === "" || Array.isArray(given) && given.includes("")) {
      throw new UsageError(`--${own} needs a value: --${own} ${definition.value}`);
    } else values[name] = isGiven(own!) ? readOption(name, definition, `${given}`) : undefined;
  }
  return { values: values as OptionValues<T>, rest: parsed._.map(String) };
}

/**
 * Parses a command line. For `--help`, shows the help and returns `undefined`.
 *
 * @throws {UsageError} As {@linkcode parseOptions}.
 */
export function parseCommand<const T extends OptionTable>(
  command: CommandDefinition<T>,
  args: readonly string[],
  { out }: { out(line: string): void },
): ParsedCommand<T> | undefined {
  const { values, rest } = parseOptions(args, { ...command.options, ...HELP });
  if ((values as OptionValues<typeof HELP>).help) return void out(helpText(command));
  return { values: values as unknown as OptionValues<T>, rest };
}

/** Text about an option in help and documentation. */
export interface OptionLine {
  /** The flag, with the placeholder of its value: `--factor N`. */
  readonly flag: string;
  /** Description, choices and default. */
  readonly text: string;
}

/** Returns the options of a command by group, in the order of their definitions. */
export function optionLines(command: CommandDefinition): Map<string, OptionLine[]> {
  const groups = new Map<string, OptionLine[]>(), all: OptionTable = { ...command.options, ...HELP };
  for (const [name, definition] of Object.entries(all)) {
    const { help, kind, group = "Other" } = definition, [own, off] = flagsOf(name, definition);
    const choices = kind === "choice" || kind === "list" ? `: ${definition.choices.join(", ")}` : "";
    const otherwise = definition.default === undefined ? "" : ` (default: ${definition.default})`;
    const lines = groups.get(group) ?? [];
    groups.set(group, lines);
    lines.push({
      flag: kind === "switch" ? `--${own}` : `--${own} ${definition.value}`,
      text: withFlags(`${help}${choices}${otherwise}`, all),
    });
    if (kind === "number" && off) lines.push({ flag: `--${off}`, text: withFlags(`${definition.offHelp}`, all) });
  }
  return groups;
}

/** Width of the help in characters. */
const COLUMNS = 100;

function wrap(text: string, indent: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && indent + last.length + 1 + word.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Returns the usage lines of a command. */
export function usageLines({ name, usage }: CommandDefinition, starter: string = STARTER): string[] {
  return usage.map((form) => `${starter} ${name} ${form}`);
}

/** Returns the help of a command: its usage, its description, and its options by group. */
export function helpText(command: CommandDefinition): string {
  const groups = optionLines(command);
  const width = Math.max(...[...groups.values()].flat().map(({ flag }) => flag.length)) + 4;
  return [
    ...usageLines(command).map((line, i) => `${i === 0 ? "Usage:" : "      "} ${line}`),
    "",
    wrap(command.about, 0),
    ...[...groups].flatMap(([group, lines]) => [
      "",
      `${group}:`,
      ...lines.map(({ flag, text }) => `  ${flag.padEnd(width - 2)}${wrap(text, width)}`),
    ]),
    ...command.details ? ["", ...command.details] : [],
  ].join("\n");
}
