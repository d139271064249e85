import { z } from "zod";
import { JobError, UsageError } from "@slomo/core";

/** Types of numbers that a weights file may hold. */
export type Precision = "F16" | "F32";

/** Where a tensor lies in a safetensors file. */
export interface TensorEntry {
  /** Name in the file. */
  readonly name: string;
  /** Type of its numbers. */
  readonly precision: Precision;
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** First byte, counted from the beginning of the file. */
  readonly begin: number;
  /** Byte after the last one. */
  readonly end: number;
}

/** What stands before the numbers of a safetensors file. */
export interface Header {
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensors by name, in the order in which they lie in the file. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Bytes before the header: its length. */
export const LENGTH_BYTES = 8;

/** Bytes of one number. */
export const BYTES: Readonly<Record<Precision, number>> = { F16: 2, F32: 4 };

/** A header of the largest networks takes some ten thousand bytes; anything near this is another kind of file. */
const LONGEST_HEADER = 2 ** 24;

/** More than any flow network has, and within what one buffer may hold. */
const LARGEST_FILE = 2 ** 32;

const whole = z.int().min(0);
const entrySchema = z.object({ dtype: z.string(), shape: z.array(whole), data_offsets: z.tuple([whole, whole]) });
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

function notSafetensors(location: string, why: string): UsageError {
  return new UsageError(`${location} is no safetensors file: ${why}; give a weights file, or make one with convert`);
}

/**
 * Length of the header's text from the first eight bytes of a file.
 *
 * @throws {UsageError} If no safetensors file begins like this.
 */
export function headerLength(start: Uint8Array, location: string): number {
  if (start.length < LENGTH_BYTES) throw notSafetensors(location, `it has only ${start.length} bytes`);
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length < 2n || length > BigInt(LONGEST_HEADER)) {
    throw notSafetensors(location, `its first eight bytes would make a header of ${length} bytes`);
  }
  return Number(length);
}

function parseEntry(name: string, value: unknown, dataStart: number, location: string): TensorEntry {
  const result = entrySchema.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new JobError(`${location}: the header is broken at tensor "${name}": ${path.join(".")}: ${message}`);
  }
  const { dtype, shape, data_offsets: [begin, end] } = result.data;
  if (dtype !== "F16" && dtype !== "F32") {
    throw new UsageError(`${location}: tensor "${name}" holds ${dtype} numbers; only F16 and F32 are read`);
  }
  const needed = shape.reduce((product, length) => product * length, BYTES[dtype]);
  if (end - begin !== needed) {
    throw new JobError(
      `${location}: the header is broken: tensor "${name}" of ${dtype} [${shape.join(", ")}] takes ${needed} bytes, ` +
        `its offsets ${begin} to ${end} give ${end - begin}`,
    );
  }
  return { name, precision: dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

function refuseGaps(entries: readonly TensorEntry[], dataStart: number, location: string): number {
  let end = dataStart;
  for (const entry of entries) {
    if (entry.begin !== end) {
      const what = entry.begin < end ? "overlaps the tensor before it" : "leaves a gap before it";
      throw new JobError(`${location}: the header is broken: tensor "${entry.name}" ${what}`);
    }
    end = entry.end;
  }
  return end;
}

/**
 * Reads the text of a header.
 *
 * @param text The bytes after the first eight, as many as {@linkcode headerLength} says.
 * @param location Name of the file for errors.
 * @throws {UsageError} If it is another kind of file, or of numbers.
 * @throws {JobError} If the header contradicts itself.
 */
export function parseHeader(text: Uint8Array<ArrayBuffer>, location: string): Header {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw notSafetensors(location, "its header is no JSON");
  }
  const object = headerSchema.safeParse(parsed);
  if (!object.success) throw notSafetensors(location, "its header is no JSON object");
  const { __metadata__: notes = {}, ...rest } = object.data;
  const metadata = metadataSchema.safeParse(notes);
  if (!metadata.success) throw new JobError(`${location}: the header is broken: its metadata is no table of text`);
  const dataStart = LENGTH_BYTES + text.length;
  const entries = Object.entries(rest).map(([name, value]) => parseEntry(name, value, dataStart, location))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  const size = refuseGaps(entries, dataStart, location);
  if (size > LARGEST_FILE) {
    throw new UsageError(`${location}: the header announces ${size} bytes; at most ${LARGEST_FILE} are read`);
  }
  return { metadata: metadata.data, tensors: new Map(entries.map((entry) => [entry.name, entry])), size };
}
