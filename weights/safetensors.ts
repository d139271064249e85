import { JobError } from "@slomo/core";
import { type Header, headerLength, LENGTH_BYTES, parseHeader, type TensorEntry } from "./header.ts";

/** A safetensors file in memory. */
export interface SafetensorsFile extends Header {
  /** Name of the file, for errors. */
  readonly location: string;
  /** Bytes of the file; may be shared memory. */
  readonly bytes: Uint8Array;
}

function truncated(location: string, found: number, expected: number): JobError {
  return new JobError(
    `${location} is truncated: it has ${found} of ${expected} bytes; fetch or convert it again`,
    { code: "weights-damaged" },
  );
}

function tooLong(location: string, expected: number): JobError {
  return new JobError(`${location} is damaged: it continues after its ${expected} bytes; fetch or convert it again`, {
    code: "weights-damaged",
  });
}

/**
 * Opens the bytes of a safetensors file, F16 or F32, and checks its header. Copies nothing.
 *
 * @param location Name of the file, for errors.
 * @throws {UsageError} If it is not a safetensors file, or has another data type.
 * @throws {JobError} If it is truncated or damaged.
 */
export function openSafetensors(bytes: Uint8Array, location: string): SafetensorsFile {
  const textEnd = LENGTH_BYTES + headerLength(bytes, location);
  if (bytes.length < textEnd) throw truncated(location, bytes.length, textEnd);
  const header = parseHeader(bytes.slice(LENGTH_BYTES, textEnd), location);
  if (bytes.length < header.size) throw truncated(location, bytes.length, header.size);
  if (bytes.length > header.size) throw tooLong(location, header.size);
  return { ...header, location, bytes };
}

/**
 * Reads a safetensors file from a stream into memory that threads can share; the header is checked as soon as it is read,
 * and other files are not read further.
 *
 * @param location Name of the file, for errors.
 * @throws {UsageError} If it is not a safetensors file, or has another data type.
 * @throws {JobError} If it is truncated or damaged.
 */
export async function readSafetensors(stream: ReadableStream<Uint8Array>, location: string): Promise<SafetensorsFile> {
  let received = 0, wanted = LENGTH_BYTES;
  let bytes = new Uint8Array(new SharedArrayBuffer(wanted));
  let header: Header | undefined;
  const grow = (size: number) => {
    const larger = new Uint8Array(new SharedArrayBuffer(size));
    larger.set(bytes);
    bytes = larger;
    wanted = size;
  };
  const proceed = () => {
    if (wanted === LENGTH_BYTES) grow(LENGTH_BYTES + headerLength(bytes, location));
    else if (header === undefined) {
      header = parseHeader(bytes.slice(LENGTH_BYTES), location);
      grow(header.size);
    }
  };
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length;) {
      if (received === wanted && header) throw tooLong(location, wanted);
      const part = chunk.subarray(taken, taken + wanted - received);
      bytes.set(part, received);
      received += part.length;
      taken += part.length;
      if (received === wanted && !header) proceed();
    }
  }
  if (received < LENGTH_BYTES) headerLength(bytes.subarray(0, received), location);
  if (header === undefined || received < wanted) throw truncated(location, received, wanted);
  return { ...header, location, bytes };
}

/** Returns a copy of the values of a tensor, row by row, as float32. */
export function tensorValues(file: SafetensorsFile, entry: TensorEntry): Float32Array<ArrayBuffer> {
  const { buffer } = file.bytes.slice(entry.begin, entry.end);
  return entry.precision === "F32"
    ? new Float32Array(buffer as ArrayBuffer)
    : new Float32Array(new Float16Array(buffer as ArrayBuffer));
}
