/** Command lines of `interpolate` as JSON, for processes that make the segments: values are text, as on the command line. */
import { UsageError } from "@slomo/core";
import { type OptionDefinition, type OptionTable, readOption } from "@slomo/core/options";
import type { Rational } from "@slomo/core/time";
import { isAbsolute, join, relative, resolve } from "@std/path";
import { z } from "zod";
import {
  INTERPOLATE,
  type InterpolateCommand,
  interpolateCommand,
  type InterpolateValues,
  type Target,
} from "../interpolate/options.ts";

/** Returns the folder of the segments of an output. */
export const folderOf = (output: string): string => `${output}.segments`;

/** Options of the process that runs a command, which another process chooses itself. */
const OWN: ReadonlySet<string> = new Set([
  ...[
    "preset",
    "out",
    "resume",
    "workers",
    "modelsUrl",
    "ffmpeg",
    "allowPlugins",
    "plan",
    "json",
    "quiet",
    "version",
    "queue",
    "detach",
    "priority",
    "shards",
  ],
]);

/** Options with paths that move with the folder; others, such as that of the manifest, stay. */
const MOVES: ReadonlySet<string> = new Set(["flowOut"]);

/** Definitions of the options that are stored. */
export const STORED: OptionTable = Object.fromEntries(
  Object.entries(INTERPOLATE.options).filter(([name]) => !OWN.has(name)),
);

/** Schema of a stored command. */
export const commandSchema = z.strictObject({
  input: z.string().min(1),
  output: z.string().min(1),
  options: z.record(z.string(), z.union([z.string(), z.boolean()])),
});

/** A command of `interpolate` for one video. Locations of input and output are relative to a folder. */
export type StoredCommand = z.infer<typeof commandSchema>;

const isUrl = (location: string) => /^[a-z][\w+.-]+:\/\//.test(location);

/** Returns a time in seconds as a decimal. Times are parsed from decimals, so that it is exact. */
function timeText({ num, den }: Rational): string {
  let digits = 0;
  while (num * 10n ** BigInt(digits) % den !== 0n) digits++;
  const text = `${num * 10n ** BigInt(digits) / den}`.padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function textOf({ kind }: OptionDefinition, value: unknown): string | boolean {
  if (typeof value === "boolean") return value;
  if (kind === "time") return timeText(value as Rational);
  if (kind === "rate" || kind === "factor") {
    const { num, den } = value as Rational;
    return `${num}/${den}`;
  }
  return String(value);
}

/**
 * Returns a command in the form that other processes can read.
 *
 * @param folder Folder that locations are stored relative to, so that it may have another path on another machine.
 */
export function storeCommand(
  folder: string,
  { input, output }: Target,
  { options }: Pick<InterpolateCommand, "options">,
): StoredCommand {
  const fixed = (path: string) => isUrl(path) ? path : resolve(path);
  // Paths on disk stay as they are if the folder is in an object storage.
  const place = (path: string) => isUrl(path) || isUrl(folder) ? fixed(path) : relative(resolve(folder), resolve(path));
  const { cuts, ...rest } = options;
  const given: Readonly<Record<string, unknown>> = { ...rest, cuts: typeof cuts === "object" ? cuts.threshold : cuts };
  const texts: Record<string, string | boolean> = {};
  for (const [name, definition] of Object.entries(STORED)) {
    const value = given[name];
    if (value === undefined || definition.kind === "switch" && value === false) continue;
    if (definition.kind === "path") texts[name] = MOVES.has(name) ? place(String(value)) : fixed(String(value));
    else texts[name] = textOf(definition, value);
  }
  return { input: place(input), output: place(output), options: texts };
}

/** Returns the values of a command line without options. */
export function unsetValues(): InterpolateValues {
  const all = Object.entries<OptionDefinition>(INTERPOLATE.options);
  return Object.fromEntries(
    all.map(([name, { kind }]) => [name, kind === "switch" ? false : undefined]),
  ) as InterpolateValues;
}

/**
 * Reads a stored command, and checks each option as if it were on the command line.
 *
 * @param own Options of this process, which take precedence.
 * @throws {UsageError} If it is none, or an option is unknown or has a wrong value.
 */
export function readCommand(
  folder: string,
  stored: unknown,
  own: Partial<InterpolateValues> = {},
): InterpolateCommand & { readonly videos: Target } {
  const found = commandSchema.safeParse(stored);
  if (!found.success) {
    throw new UsageError(`${folder}: cannot read its command: it was not planned by the task segments`);
  }
  const { input, output, options } = found.data;
  const place = (path: string) => isUrl(path) || isAbsolute(path) ? path : join(folder, path);
  const values: Record<string, unknown> = { ...unsetValues() };
  for (const [name, text] of Object.entries(options)) {
    const definition = Object.hasOwn(STORED, name) ? STORED[name]! : undefined;
    const isOff = definition?.kind === "number" && definition.offFlag !== undefined && text === false;
    if (!definition || (typeof text === "boolean") !== (definition.kind === "switch" || isOff)) {
      throw new UsageError(`${folder}: cannot read its command: the option "${name}" is unknown or has a wrong value`);
    }
    if (definition.kind === "switch" || typeof text === "boolean") values[name] = text;
    else values[name] = definition.kind === "path" ? place(text) : readOption(name, definition, text);
  }
  for (const [name, value] of Object.entries(own)) if (value !== undefined) values[name] = value;
  const videos: Target = { input: place(input), output: place(output) };
  const { options: all } = interpolateCommand(values as InterpolateValues, [videos.input, videos.output]);
  return { videos, options: all };
}
