import { UsageError } from "@slomo/core";
import { join } from "@std/path";
import { endingOf, kindOf } from "./kinds.ts";
import { type ImagePlace, numberIn } from "./location.ts";

/** One image of a sequence. */
export interface SequenceFile {
  /** Its path. */
  readonly path: string;
  /** The number that orders it; `undefined` where no file of the sequence has one. */
  readonly number?: number | undefined;
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

async function namesIn(folder: string, location: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const isFile = entry.isFile || entry.isSymlink && (await Deno.stat(join(folder, entry.name))).isFile;
      if (isFile && !entry.name.startsWith(".") && kindOf(endingOf(entry.name))) names.push(entry.name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const why = error instanceof Deno.errors.NotFound ? "there is no such folder" : (error as Error).message;
    throw new UsageError(`${location} cannot be read: ${why}`);
  }
  return names;
}

/** The last run of digits in a name, its ending left out. */
function lastNumber(name: string): number | undefined {
  const digits = /(\d+)\D*$/.exec(name.replace(/\.[^.]*$/, ""))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The name with its number left out: what files of one sequence share. */
function stem(name: string): string {
  return name.replace(/\d+(\D*\.[^.]*)$/, "%d$1");
}

function rangeText([from, to]: readonly [number, number]): string {
  return from === to ? `${from}` : `${from} to ${to}`;
}

/** A note on numbers that are left out, where the rest goes in equal steps. */
function gapNotes(numbers: readonly number[]): string[] {
  const steps = numbers.slice(1).map((number, i) => number - numbers[i]!);
  const step = Math.min(...steps);
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
 * The images of a place, in the order of the last number in their names; hidden files and what is no image are passed over.
 *
 * @throws {UsageError} If there is none, or more than one sequence.
 */
export async function findSequence(location: string, place: ImagePlace): Promise<Sequence> {
  const { folder, pattern } = place;
  const found = (await namesIn(folder, location)).map((name) => ({
    name,
    number: pattern ? numberIn(pattern, name) : lastNumber(name),
  })).filter(({ number }) => !pattern || number !== undefined);
  if (found.length === 0) fail(location, place);

  const toFile = ({ name, number }: (typeof found)[number]) => ({ path: join(folder, name), number });
  if (found.every(({ number }) => number === undefined)) {
    return { files: found.toSorted((a, b) => a.name < b.name ? -1 : 1).map(toFile), notes: [] };
  }
  const sorted = found.toSorted((a, b) => (a.number ?? -1) - (b.number ?? -1) || (a.name < b.name ? -1 : 1));
  const twin = sorted.findIndex(({ number }, i) => i > 0 && number === sorted[i - 1]!.number);
  if (twin > 0) {
    const [a, b] = [sorted[twin - 1]!.name, sorted[twin]!.name];
    throw new UsageError(
      `${location} holds more than one sequence: ${a} and ${b} have the same number; name one of them by a pattern, ` +
        `such as ${join(folder, stem(a))}`,
    );
  }
  return { files: sorted.map(toFile), notes: gapNotes(sorted.flatMap(({ number }) => number ?? [])) };
}
