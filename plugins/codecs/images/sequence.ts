import { UsageError } from "@slomo/core";
import { join } from "@std/path";
import { endingOf, kindOf } from "./kinds.ts";
import { type ImagePlace, numberIn } from "./location.ts";

/** One image of a sequence. */
export interface SequenceFile {
  /** Its path. */
  readonly path: string;
}

/** A sequence as it lies on disk. */
export interface Sequence {
  /** The files in order. */
  readonly files: readonly SequenceFile[];
  /** What is odd about it: missing numbers. */
  readonly notes: readonly string[];
}

/** Missing numbers that are named one by one; beyond, the rest is counted. */
const NAMED_GAPS = 5;

/** Kinds of names that are named one by one. */
const NAMED_KINDS = 3;

/** Whether a link leads to a file. */
async function leadsToFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UsageError(`${path} is a link to a file that is not there`);
    throw error;
  }
}

async function namesIn(folder: string, location: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile, isSymlink } of Deno.readDir(folder)) {
      if (name.startsWith(".") || !kindOf(endingOf(name))) continue;
      if (isFile || isSymlink && await leadsToFile(join(folder, name))) names.push(name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof UsageError) throw error;
    const why = error instanceof Deno.errors.NotFound ? "there is no such folder" : (error as Error).message;
    throw new UsageError(`${location} cannot be read: ${why}`);
  }
  return names;
}

/** A number in a name; a minus belongs to it where nothing but a mark of separation can come before. */
const NUMBER = /(?:(?<=^|[_.])-)?\d+/g;

/** The numbers in a name, its ending left out. */
function numbersIn(name: string): bigint[] {
  return (name.replace(/\.[^.]*$/, "").match(NUMBER) ?? []).map(BigInt);
}

/** The name with its last number left out: what files of one sequence share. */
function stem(name: string): string {
  return name.replace(/(?:(?<=^|[_.])-)?\d+(\D*\.[^.]*)$/, "%d$1");
}

/** The name with all its numbers left out, and its ending. */
function skeleton(name: string): string {
  return name.replace(/\.[^.]*$/, "").replace(NUMBER, "#").toLowerCase();
}

/** A file that was found, with what it is ordered by. */
interface Found {
  readonly name: string;
  readonly number: bigint | undefined;
}

const sign = (difference: bigint): number => difference < 0n ? -1 : difference > 0n ? 1 : 0;

/** By the last number in the names; what has none comes first. */
function byNumber(a: Found, b: Found): number {
  if (a.number === undefined || b.number === undefined) {
    if (a.number !== b.number) return a.number === undefined ? -1 : 1;
  } else if (a.number !== b.number) return sign(a.number - b.number);
  return a.name < b.name ? -1 : 1;
}

/** By all numbers in the names, the first one first, as dates and times are ordered. */
function byNumbers({ name: a }: Found, { name: b }: Found): number {
  const left = numbersIn(a), right = numbersIn(b), at = left.findIndex((number, i) => number !== right[i]);
  return at < 0 ? a < b ? -1 : 1 : sign(left[at]! - right[at]!);
}

const firstTwin = (files: readonly Found[]): number =>
  files.findIndex(({ number }, i) => i > 0 && number === files[i - 1]!.number);

/** Whether the last numbers count: each once, in equal steps. */
function counts(sorted: readonly Found[]): boolean {
  const steps = sorted.slice(1).map(({ number }, i) => (number ?? 0n) - (sorted[i]!.number ?? 0n));
  return steps.every((step) => step > 0n && step === steps[0]);
}

/** Whether a name looks like a date with a time: a year, month and day in one number, or apart. */
function isDated(name: string): boolean {
  const numbers = numbersIn(name);
  return numbers.length >= 4 || numbers.length > 1 && numbers.some((number) => number > 19_000_000n);
}

/** The files in order: by the last number in their names, unless they are dates and times, of which that is a part. */
function inOrder(found: readonly Found[]): {
  readonly files: readonly Found[];
  readonly isByLast: boolean;
  readonly notes: readonly string[];
} {
  const files = found.toSorted(byNumber),
    isAlike = found.every(({ name }) => skeleton(name) === skeleton(found[0]!.name));
  const all = found.toSorted(byNumbers);
  const isSame = all.every((file, i) => file === files[i]);
  const isTold = all.every(({ name }, i) => i === 0 || `${numbersIn(name)}` !== `${numbersIn(all[i - 1]!.name)}`);
  if (isAlike && isDated(found[0]!.name) && !counts(files) && isTold && (!isSame || firstTwin(files) > 0)) {
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
        ? [`names of several kinds are taken as one sequence: ${named.slice(0, NAMED_KINDS).join(", ")}${more}`]
        : [],
      ...gapNotes(files.flatMap(({ number }) => number ?? [])),
    ],
  };
}

function rangeText([from, to]: readonly [bigint, bigint]): string {
  return from === to ? `${from}` : `${from} to ${to}`;
}

/** A note on numbers that are left out, where the rest goes in equal steps. */
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
    `the sequence has no image ${named}${more}; the ${numbers.length} images there are follow each other without a pause`,
  ];
}

function fail(location: string, place: ImagePlace): never {
  throw new UsageError(
    place.pattern
      ? `${location} fits no file: there is no image of that name in ${place.folder}`
      : `${location} has no images in it; name a folder with png, jpg, webp, tiff, bmp, exr or dpx files, or a pattern`,
  );
}

/**
 * The images of a place, in the order of the last number in their names, or of all where they are dates and times; hidden files
 * and what is no image are passed over.
 *
 * @throws {UsageError} If there is none, or more than one sequence.
 */
export async function findSequence(location: string, place: ImagePlace): Promise<Sequence> {
  const { folder, pattern } = place;
  const found = (await namesIn(folder, location)).map((name): Found => ({
    name,
    number: pattern ? numberIn(pattern, name) : numbersIn(name).at(-1),
  })).filter(({ number }) => !pattern || number !== undefined);
  if (found.length === 0) fail(location, place);

  const toFile = ({ name }: Found): SequenceFile => ({ path: join(folder, name) });
  if (found.every(({ number }) => number === undefined)) {
    return { files: found.toSorted((a, b) => a.name < b.name ? -1 : 1).map(toFile), notes: [] };
  }
  if (pattern) {
    const files = found.toSorted(byNumber);
    return { files: files.map(toFile), notes: gapNotes(files.flatMap(({ number }) => number ?? [])) };
  }
  const { files, isByLast, notes } = inOrder(found);
  const twin = isByLast ? firstTwin(files) : -1;
  if (twin > 0) {
    const [a, b] = [files[twin - 1]!.name, files[twin]!.name];
    throw new UsageError(
      `${location} holds more than one sequence: ${a} and ${b} have the same number; name one of them by a pattern, ` +
        `such as ${join(folder, stem(a))}`,
    );
  }
  return { files: files.map(toFile), notes };
}
