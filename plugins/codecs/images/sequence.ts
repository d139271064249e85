import { UsageError } from "@slomo/core";
import { join } from "@std/path";
import { endingOf, kindOf } from "./kinds.ts";
import { type ImagePlace, numberIn } from "./location.ts";

/** One image of a sequence. */
export interface SequenceFile {
  /** Its path. */
  readonly path: string;
}

/** The files of an image sequence. */
export interface Sequence {
  /** The files in order. */
  readonly files: readonly SequenceFile[];
  /** Notes, for example on missing numbers. */
  readonly notes: readonly string[];
}

/** Maximum number of gaps that a note lists. */
const NAMED_GAPS = 5;

/** Maximum number of name patterns that a note lists. */
const NAMED_KINDS = 3;

/** Tests whether a link points to a file. */
async function isLinkToFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`${path}: cannot read the image: it is a link to a file that does not exist`, {
        code: "input-not-found",
      });
    }
    throw error;
  }
}

async function namesIn(folder: string, location: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile, isSymlink } of Deno.readDir(folder)) {
      if (name.startsWith(".") || !kindOf(endingOf(name))) continue;
      if (isFile || isSymlink && await isLinkToFile(join(folder, name))) names.push(name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof UsageError) throw error;
    const why = error instanceof Deno.errors.NotFound ? "there is no such folder" : (error as Error).message;
    throw new UsageError(`${location}: cannot read images: ${why}`, { code: "input-not-found" });
  }
  return names;
}

/** A number in a name; a minus is its sign at the start of the name or after a separator. */
const NUMBER = /(?:(?<=^|[_.])-)?\d+/g;

/** Returns the numbers in a name, without its extension. */
function numbersIn(name: string): bigint[] {
  return (name.replace(/\.[^.]*$/, "").match(NUMBER) ?? []).map(BigInt);
}

/** Returns the name with its last number replaced by `%d`. */
function stem(name: string): string {
  return name.replace(/(?:(?<=^|[_.])-)?\d+(\D*\.[^.]*)$/, "%d$1");
}

/** Returns the name without extension, with all numbers replaced by `#`. */
function skeleton(name: string): string {
  return name.replace(/\.[^.]*$/, "").replace(NUMBER, "#").toLowerCase();
}

/** A file and its number. */
interface NumberedFile {
  readonly name: string;
  readonly number: bigint | undefined;
}

const sign = (difference: bigint): number => difference < 0n ? -1 : difference > 0n ? 1 : 0;

/** Compares by the last number in the names; names without numbers come first. */
function byNumber(a: NumberedFile, b: NumberedFile): number {
  if (a.number === undefined || b.number === undefined) {
    if (a.number !== b.number) return a.number === undefined ? -1 : 1;
  } else if (a.number !== b.number) return sign(a.number - b.number);
  return a.name < b.name ? -1 : 1;
}

/** Compares by all numbers in the names, from the first to the last, as for dates and times. */
function byNumbers({ name: a }: NumberedFile, { name: b }: NumberedFile): number {
  const left = numbersIn(a), right = numbersIn(b), shared = Math.min(left.length, right.length);
  const at = left.slice(0, shared).findIndex((number, i) => number !== right[i]);
  return at < 0 ? left.length - right.length || (a < b ? -1 : 1) : sign(left[at]! - right[at]!);
}

const firstDuplicate = (files: readonly NumberedFile[]): number =>
  files.findIndex(({ number }, i) => i > 0 && number === files[i - 1]!.number);

/** Tests whether the numbers rise in equal steps. */
function counts(sorted: readonly NumberedFile[]): boolean {
  const steps = sorted.slice(1).map(({ number }, i) => (number ?? 0n) - (sorted[i]!.number ?? 0n));
  return steps.every((step) => step > 0n && step === steps[0]);
}

/** Tests whether a name looks like a date with a time: year, month and day in one number, or separate. */
function isDated(name: string): boolean {
  const numbers = numbersIn(name);
  return numbers.length >= 4 || numbers.length > 1 && numbers.some((number) => number > 19_000_000n);
}

/** Sorts files by the last number in their names, or by all numbers if these are dates and times. */
function inOrder(found: readonly NumberedFile[]): {
  readonly files: readonly NumberedFile[];
  readonly isByLast: boolean;
  readonly notes: readonly string[];
} {
  const files = found.toSorted(byNumber),
    hasOnePattern = found.every(({ name }) => skeleton(name) === skeleton(found[0]!.name));
  const all = found.toSorted(byNumbers);
  const isSame = all.every((file, i) => file === files[i]);
  const isUnique = all.every(({ name }, i) => i === 0 || `${numbersIn(name)}` !== `${numbersIn(all[i - 1]!.name)}`);
  if (
    hasOnePattern && isDated(found[0]!.name) && !counts(files) && isUnique && (!isSame || firstDuplicate(files) > 0)
  ) {
    return {
      files: all,
      isByLast: false,
      notes: ["the images are ordered by the dates and times in their names"],
    };
  }
  const kinds = [...new Set(files.map(({ name }) => skeleton(name)))];
  const named = kinds.map((kind) => stem(files.find(({ name }) => skeleton(name) === kind)!.name));
  const more = named.length > NAMED_KINDS ? ` and ${named.length - NAMED_KINDS} more` : "";
  return {
    files,
    isByLast: true,
    notes: [
      ...kinds.length > 1
        ? [`names with several patterns are read as one sequence: ${named.slice(0, NAMED_KINDS).join(", ")}${more}`]
        : [],
      ...gapNotes(files.flatMap(({ number }) => number ?? [])),
    ],
  };
}

function rangeText([from, to]: readonly [bigint, bigint]): string {
  return from === to ? `${from}` : `${from} to ${to}`;
}

/** Returns a note on missing numbers, if the other numbers have equal steps. */
function gapNotes(numbers: readonly bigint[]): string[] {
  const steps = numbers.slice(1).map((number, i) => number - numbers[i]!);
  const step = steps.reduce<bigint>((least, one) => one < least ? one : least, steps[0] ?? 0n);
  const gaps = numbers.slice(1).flatMap((number, i) =>
    steps[i]! > step ? [[numbers[i]! + step, number - step] as const] : []
  );
  if (gaps.length === 0) return [];
  const named = gaps.slice(0, NAMED_GAPS).map(rangeText).join(", ");
  const more = gaps.length > NAMED_GAPS ? ` and ${gaps.length - NAMED_GAPS} more gaps` : "";
  return [
    `the sequence has no image ${named}${more}; the ${numbers.length} existing images are read without gaps`,
  ];
}

function fail(location: string, place: ImagePlace): never {
  throw new UsageError(
    place.pattern
      ? `${location}: cannot read images: no file in ${place.folder} matches the pattern`
      : `${location}: cannot read images: the folder has none; name a folder with png, jpg, webp, tiff, bmp, exr or dpx files, or a pattern`,
    { code: "input-not-found" },
  );
}

/**
 * Finds the images of a location, sorted by the last number in their names, or by all numbers of dates and times. Hidden files
 * and other files are skipped.
 *
 * @throws {UsageError} If there is none, or more than one sequence.
 */
export async function findSequence(location: string, place: ImagePlace): Promise<Sequence> {
  const { folder, pattern } = place;
  const found = (await namesIn(folder, location)).map((name): NumberedFile => ({
    name,
    number: pattern ? numberIn(pattern, name) : numbersIn(name).at(-1),
  })).filter(({ number }) => !pattern || number !== undefined);
  if (found.length === 0) fail(location, place);

  const toFile = ({ name }: NumberedFile): SequenceFile => ({ path: join(folder, name) });
  if (found.every(({ number }) => number === undefined)) {
    return { files: found.toSorted((a, b) => a.name < b.name ? -1 : 1).map(toFile), notes: [] };
  }
  if (pattern) {
    const files = found.toSorted(byNumber);
    return { files: files.map(toFile), notes: gapNotes(files.flatMap(({ number }) => number ?? [])) };
  }
  const { files, isByLast, notes } = inOrder(found);
  const duplicate = isByLast ? firstDuplicate(files) : -1;
  if (duplicate > 0) {
    const [a, b] = [files[duplicate - 1]!.name, files[duplicate]!.name];
    throw new UsageError(
      `${location}: cannot read images: there is more than one sequence: ${a} and ${b} have the same number; name one of them by a pattern, ` +
        `such as ${join(folder, stem(a))}`,
      { code: "input-unreadable" },
    );
  }
  return { files: files.map(toFile), notes };
}
