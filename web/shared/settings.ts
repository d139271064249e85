/** The form's options, from the definitions of the command's options: what it shows, how its values are read. */
import { UsageError } from "@slomo/core";
import { flagOf, type OptionDefinition, type OptionTable, readOption } from "@slomo/core/options";
import type { ConvertOptions, SlomoOptions } from "@slomo/slomo";
import { CONVERT_OPTIONS, FRAME_OPTIONS, MODEL_OPTIONS, PRESETS } from "@slomo/slomo/options";
import { readRetime } from "./curve.ts";
import type { Settings } from "./types.ts";

/** Options that are set when the server starts, because they name servers. */
const AT_START = ["modelsUrl"];

/** The only option of the form that names a file or folder: a new folder beside the results, whatever its name says. */
const PLACED = "flowOut";

/** Options without which a queue cannot work: a job always resumes its own work. */
const BY_QUEUE = ["resume"];

function formTable(): OptionTable {
  const all: OptionTable = { ...FRAME_OPTIONS, ...CONVERT_OPTIONS, ...MODEL_OPTIONS };
  // Programs and files anywhere on the machine are not for a page.
  const isSafe = (name: string) => all[name]!.kind !== "path" || name === PLACED;
  const names = Object.keys(all).filter((name) => isSafe(name) && ![...AT_START, ...BY_QUEUE].includes(name));
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}

/** The options of the form, by their names in the API. */
export const FORM: OptionTable = formTable();

/** The speed curve: a setting that the page edits in a chart. Its value is the content of a file of this option. */
const CURVE = "retime";

function definitionOf(name: string): OptionDefinition | undefined {
  if (name === CURVE) return FRAME_OPTIONS[CURVE];
  return Object.hasOwn(FORM, name) ? FORM[name] : undefined;
}

/** The options of the form by group, in the order of their definitions. */
export function formGroups(): Map<string, [string, OptionDefinition][]> {
  return Map.groupBy(Object.entries(FORM), ([, { group = "Other" }]) => group);
}

const isSet = (value: string | boolean | undefined) => value !== undefined && value !== "";

function readSetting(name: string, value: string | boolean): unknown {
  if (name === CURVE && typeof value === "string") return readRetime(value);
  const definition = definitionOf(name);
  if (!definition) throw new UsageError(`\`${name}\` is no option of the page`, { code: "unknown-option" });
  if (definition.kind === "switch") {
    if (typeof value === "boolean") return value;
    throw new UsageError(`\`${name}\` must be on or off`, { option: name });
  }
  if (value === false && definition.kind === "number" && definition.offFlag) return false;
  if (typeof value === "string") return readOption(name, definition, value);
  throw new UsageError(`\`${name}\` needs a value`, { option: name });
}

/** Returns the problem of each setting by its option's name; none if all are right. */
export function settingProblems(settings: Settings): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    if (!isSet(value)) continue;
    try {
      readSetting(name, value);
      const other = definitionOf(name)!.excludes?.find((other) => isSet(settings[other]));
      if (other !== undefined) problems.set(name, `\`${name}\` and \`${other}\` cannot be combined; give one of them`);
    } catch (error) {
      problems.set(name, (error as Error).message);
    }
  }
  return problems;
}

/** Options of a conversion, and those that choose its model. */
export interface ReadSettings {
  /** For `Slomo.convert()`. */
  readonly convert: ConvertOptions;
  /** For `openSlomo()`. */
  readonly model: SlomoOptions;
}

/**
 * Reads the settings of the form.
 *
 * @throws {UsageError} If an option is unknown, does not accept its value, or excludes another one.
 */
export function readSettings(settings: Settings): ReadSettings {
  const convert: Record<string, unknown> = {}, model: Record<string, unknown> = {};
  for (const [name, message] of settingProblems(settings)) throw new UsageError(message, { option: name });
  for (const [name, value] of Object.entries(settings)) {
    if (!isSet(value)) continue;
    const read = readSetting(name, value), target = Object.hasOwn(MODEL_OPTIONS, name) ? model : convert;
    target[name] = name === "cuts" && read !== false ? { threshold: read } : read;
  }
  return { convert: convert as ConvertOptions, model: model as SlomoOptions };
}

/** Returns the settings with those of a preset in addition; those that are given take precedence. */
export function withPreset(settings: Settings, preset: string): Settings {
  const added = Object.entries(PRESETS[preset] ?? {}).filter(([name]) =>
    ![name, ...FORM[name]!.excludes ?? []].some((one) => isSet(settings[one]) && settings[one] !== false)
  );
  return { ...settings, ...Object.fromEntries(added) };
}

/** Quotes an argument for a POSIX shell, if needed. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** Returns the name of the file for the speed curve of a video: `clip-curve.json`. */
export function curveName(video: string): string {
  return `${stemOf(video.split(/[\\/]/).at(-1)!)}-curve.json`;
}

/**
 * Returns the flags of settings: `--factor 4 --slow-motion`.
 *
 * @param curve Name of the file with the speed curve.
 */
export function flagsOfSettings(settings: Settings, curve = "curve.json"): string[] {
  const flags = Object.entries(FORM).flatMap(([name, definition]) => {
    const value = settings[name], flag = `--${flagOf(name, definition)}`;
    if (!isSet(value)) return [];
    if (definition.kind === "switch") return value === true ? [flag] : [];
    if (value === false) return definition.kind === "number" && definition.offFlag ? [`--${definition.offFlag}`] : [];
    return [flag, `${value}`];
  });
  return isSet(settings[CURVE]) ? [...flags, "--retime", curve] : flags;
}

/** Returns the command that does the same as a job, for a shell. */
export function commandLine(
  input: string,
  output: string,
  settings: Settings,
  flags: readonly string[] = [],
): string {
  const args = [input, output, ...flagsOfSettings(settings, curveName(input)), ...flags];
  return ["deno task interpolate", ...args.map(quoted)].join(" ");
}

/** Formats of results: the ending of the file, or of the images in a folder. */
export const FORMATS = ["mp4", "mkv", "webm", "mov", "gif", "png"] as const;

/** A format of results. */
export type Format = typeof FORMATS[number];

const stemOf = (name: string) => name.replace(/\.[^.]{1,8}$/, "") || name;

/** Returns the name of a result as it is proposed: `clip-4x.mp4`; for images, the name of a folder. */
export function resultName(name: string, settings: Settings, format: Format): string {
  const stem = stemOf(name), end = format === "png" ? "" : `.${format}`;
  const text = (value: string | boolean | undefined) => typeof value === "string" ? value.replaceAll("/", "-") : "";
  if (isSet(settings.slow) || isSet(settings[CURVE])) return `${stem}-retimed${end}`;
  const rate = isSet(settings.fps) ? `${text(settings.fps)}fps` : `${text(settings.factor) || "2"}x`;
  const slow = settings.slowMotion === true ? "-slow" : "";
  return `${stem}-${rate}${slow}${end}`;
}

/** Returns whether the name of a result is that of a file; otherwise it is that of a folder of images. */
export function isFileName(name: string): boolean {
  return /\.([a-z][a-z\d]{1,3}|3gp|3g2)$/i.test(name);
}

/**
 * Returns the name of a result as it was typed, with the extension of the format if it has none; `undefined` if there is no
 * name without its folders.
 */
export function completeName(typed: string, format: Format): string | undefined {
  const name = typed.split(/[\\/]/).at(-1)!.replace(/^[.\s]+|[.\s]+$/g, "");
  if (name === "") return undefined;
  return format === "png" || isFileName(name) ? name : `${name}.${format}`;
}

/** Returns the path of a result from its name: that of the file, or the pattern of the images in the folder. */
export function outputOf(name: string): string {
  return isFileName(name) ? name : `${name}/%05d.png`;
}

/** Returns an option's name for people: `Slow motion` for `slowMotion`. */
export function labelOf(name: string): string {
  if (name === CURVE) return "Speed curve";
  if (/^(crf|fps)$/.test(name)) return name.toUpperCase();
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0]!.toUpperCase() + words.slice(1);
}

/** Replaces options in backticks by their labels, for messages on the page. */
export function withLabels(message: string): string {
  return message.replace(
    /`([a-z][a-zA-Z]*)`/g,
    (quoted, name: string) => definitionOf(name) ? `“${labelOf(name)}”` : quoted,
  );
}
