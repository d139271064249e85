import { z } from "zod";
import { JobError, UsageError } from "@slomo/core";

/** Data types of a weights file. */
export type Precision = "F16" | "F32";

/** Entry of a tensor in a safetensors file. */
export interface TensorEntry {
  /** Name in the file. */
  readonly name: string;
  /** Data type. */
  readonly precision: Precision;
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Offset of the first byte in the file. */
  readonly begin: number;
  /** Offset after the last byte. */
  readonly end: number;
}

/** Header of a safetensors file. */
export interface Header {
  /** Metadata: text by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors by name, in file order. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Size of the file in bytes. */
  readonly size: number;
}

/** Bytes of the header length, which precedes the header. */
export const LENGTH_BYTES = 8;

/** Bytes per value. */
export const BYTES: Readonly<Record<Precision, number>> = { F16: 2, F32: 4 };

/** Maximum length of a header in bytes; those of the largest networks have some ten thousand. */
const LONGEST_HEADER = 2 ** 24;

/** Maximum size of a file in bytes: more than any flow network has, and within the limit of one buffer. */
const LARGEST_FILE = 2 ** 32;

const whole = z.int().min(0);
const entrySchema = z.object({ dtype: z.string(), shape: z.array(whole), data_offsets: z.tuple([whole, whole]) });
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

function notSafetensors(location: string, why: string): UsageError {
  return new UsageError(
    `${location} is not a safetensors file: ${why}; give a weights file, or create one with deno task convert`,
    { code: "invalid-weights" },
  );
}

/**
 * Reads the length of the header from the first eight bytes of a file.
 *
 * @throws {UsageError} If the file is not a safetensors file.
 */
export function headerLength(start: Uint8Array, location: string): number {
  if (start.length < LENGTH_BYTES) throw notSafetensors(location, `it has only ${start.length} bytes`);
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length < 2n || length > BigInt(LONGEST_HEADER)) {
    throw notSafetensors(location, `its first eight bytes announce a header of ${length} bytes`);
  }
  return Number(length);
}

function parseEntry(name: string, value: unknown, dataStart: number, location: string): TensorEntry {
  const result = entrySchema.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new JobError(`${location}: the header is broken at tensor "${name}": ${path.join(".")}: ${message}`, {
      code: "weights-damaged",
    });
  }
  const { dtype, shape, data_offsets: [begin, end] } = result.data;
  if (dtype !== "F16" && dtype !== "F32") {
    throw new UsageError(`${location}: tensor "${name}" has the data type ${dtype}; only F16 and F32 are supported`, {
      code: "invalid-weights",
    });
  }
  const needed = shape.reduce((product, length) => product * length, BYTES[dtype]);
  if (end - begin !== needed) {
    throw new JobError(
      `${location}: the header is broken: tensor "${name}" of ${dtype} [${shape.join(", ")}] takes ${needed} bytes, ` +
        `its offsets ${begin} to ${end} give ${end - begin}`,
      { code: "weights-damaged" },
    );
  }
  return { name, precision: dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

function refuseGaps(entries: readonly TensorEntry[], dataStart: number, location: string): number {
  let end = dataStart;
  for (const entry of entries) {
    if (entry.begin !== end) {
      const what = entry.begin < end ? "overlaps the previous tensor" : "has a gap before it";
      throw new JobError(`${location}: the header is broken: tensor "${entry.name}" ${what}`, {
        code: "weights-damaged",
      });
    }
    end = entry.end;
  }
  return end;
}

/**
 * Parses the text of a header.
 *
 * @param text The bytes after the first eight, as many as {@linkcode headerLength} says.
 * @param location Name of the file, for errors.
 * @throws {UsageError} If it is not a safetensors file, or has another data type.
 * @throws {JobError} If the header contradicts itself.
 */
export function parseHeader(text: Uint8Array<ArrayBuffer>, location: string): Header {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw notSafetensors(location, "its header is not JSON");
  }
  const object = headerSchema.safeParse(parsed);
  if (!object.success) throw notSafetensors(location, "its header is not a JSON object");
  const { __metadata__: notes = {}, ...rest } = object.data;
  const metadata = metadataSchema.safeParse(notes);
  if (!metadata.success) {
    throw new JobError(`${location}: the header is broken: its metadata is not a table of text`, {
      code: "weights-damaged",
    });
  }
  const dataStart = LENGTH_BYTES + text.length;
  const entries = Object.entries(rest).map(([name, value]) => parseEntry(name, value, dataStart, location))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  const size = refuseGaps(entries, dataStart, location);
  if (size > LARGEST_FILE) {
    throw new UsageError(`${location}: the header announces ${size} bytes; at most ${LARGEST_FILE} are read`, {
      code: "invalid-weights",
    });
  }
  return { metadata: metadata.data, tensors: new Map(entries.map((entry) => [entry.name, entry])), size };
}
