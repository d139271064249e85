import { basename, dirname } from "@std/path";
import { endingOf, kindOf } from "./kinds.ts";

/** A pattern of numbered file names, such as `f_%05d.png`. */
export interface NamePattern {
  /** Text before the number. */
  readonly before: string;
  /** Minimum number of digits. */
  readonly digits: number;
  /** Text after the number, including the extension. */
  readonly after: string;
}

/** Location of an image sequence. */
export interface ImagePlace {
  /** The folder that holds the files. */
  readonly folder: string;
  /** Pattern of the file names; `undefined` for the whole folder. */
  readonly pattern?: NamePattern | undefined;
}

/** Parses a pattern: one `%d` or `%0Nd` and the extension of an image. As in ffmpeg, `%%` is a percent sign. */
function patternOf(name: string): NamePattern | undefined {
  const parts = name.split(/(?<!%)%(0\d+|)d/);
  if (parts.length !== 3 || !kindOf(endingOf(name))) return undefined;
  const [before, digits, after] = parts as [string, string, string];
  return { before: before.replaceAll("%%", "%"), digits: Number(digits || 1), after: after.replaceAll("%%", "%") };
}

/** Returns the file name for a number. */
export function nameOf({ before, digits, after }: NamePattern, number: number | bigint): string {
  return before + String(number).padStart(digits, "0") + after;
}

/** Returns the number in a file name of the pattern; `undefined` for other names. */
export function numberIn(pattern: NamePattern, name: string): bigint | undefined {
  const digits = name.slice(pattern.before.length, name.length - pattern.after.length);
  const number = /^\d+$/.test(digits) ? BigInt(digits) : undefined;
  return number !== undefined && nameOf(pattern, number) === name ? number : undefined;
}

/**
 * Parses a location: an existing folder, a name that ends with a slash, or a pattern such as `folder/%05d.png`. The name of an
 * existing file is not a pattern. Returns `undefined` for other locations.
 */
export async function findPlace(location: string): Promise<ImagePlace | undefined> {
  const there = await Deno.stat(location).catch(() => undefined);
  if (there?.isDirectory || !there && /[\\/]$/.test(location)) return { folder: location };
  if (there) return undefined;
  const pattern = patternOf(basename(location));
  return pattern && { folder: dirname(location), pattern };
}

/** Parses the location of an output: as {@linkcode findPlace} does, or a name without an extension as a folder. */
export async function findTarget(location: string): Promise<ImagePlace | undefined> {
  const place = await findPlace(location);
  if (place) return place;
  const isFile = (await Deno.stat(location).catch(() => undefined)) !== undefined;
  return !isFile && endingOf(basename(location)) === "" ? { folder: location } : undefined;
}
