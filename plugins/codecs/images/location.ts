import { basename, dirname } from "@std/path";
import { endingOf, kindOf } from "./kinds.ts";

/** Names of numbered files, as `f_%05d.png` writes them. */
export interface NamePattern {
  /** What comes before the number. */
  readonly before: string;
  /** The least digits of the number. */
  readonly digits: number;
  /** What comes after it, the ending among it. */
  readonly after: string;
}

/** Where a sequence of images lies. */
export interface ImagePlace {
  /** The folder that holds the files. */
  readonly folder: string;
  /** The names of the files; `undefined` where it is the folder as a whole. */
  readonly pattern?: NamePattern | undefined;
}

/** The pattern in a file's name: one `%d` or `%0Nd` and an image's ending. As in ffmpeg, `%%` is a plain percent sign. */
function patternOf(name: string): NamePattern | undefined {
  const parts = name.split(/(?<!%)%(0\d+|)d/);
  if (parts.length !== 3 || !kindOf(endingOf(name))) return undefined;
  const [before, digits, after] = parts as [string, string, string];
  return { before: before.replaceAll("%%", "%"), digits: Number(digits || 1), after: after.replaceAll("%%", "%") };
}

/** A number's name. */
export function nameOf({ before, digits, after }: NamePattern, number: number | bigint): string {
  return before + String(number).padStart(digits, "0") + after;
}

/** The number in a name of the pattern; `undefined` for other names. */
export function numberIn(pattern: NamePattern, name: string): bigint | undefined {
  const digits = name.slice(pattern.before.length, name.length - pattern.after.length);
  const number = /^\d+$/.test(digits) ? BigInt(digits) : undefined;
  return number !== undefined && nameOf(pattern, number) === name ? number : undefined;
}

/**
 * Where the images of a location are: an existing folder, a name that ends with a slash, or a pattern such as
 * `folder/%05d.png`. What exists is never read as a pattern. `undefined` for a location that is something else.
 */
export async function findPlace(location: string): Promise<ImagePlace | undefined> {
  const there = await Deno.stat(location).catch(() => undefined);
  if (there?.isDirectory || !there && /[\\/]$/.test(location)) return { folder: location };
  if (there) return undefined;
  const pattern = patternOf(basename(location));
  return pattern && { folder: dirname(location), pattern };
}

/** Where images are to be written: as {@linkcode findPlace} says, or a name without an ending. */
export async function findTarget(location: string): Promise<ImagePlace | undefined> {
  const place = await findPlace(location);
  if (place) return place;
  const isFile = (await Deno.stat(location).catch(() => undefined)) !== undefined;
  return !isFile && endingOf(basename(location)) === "" ? { folder: location } : undefined;
}
