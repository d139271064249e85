import type { NamedTensor } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { BYTES, LENGTH_BYTES, type Precision } from "./header.ts";

export type { NamedTensor } from "@slomo/core";

/** The format requires values to start at a multiple of this. */
const ALIGNMENT = 8;

function toHalf(name: string, values: Float32Array): Float16Array {
  const half = new Float16Array(values);
  const lost = half.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(values[i]!));
  if (lost >= 0) {
    throw new UsageError(
      `tensor "${name}" holds ${values[lost]}, which is outside the range of float16 (±65504); write it as float32`,
    );
  }
  return half;
}

/**
 * Returns the bytes of a safetensors file. Tensors are sorted by name, so that equal contents give equal bytes.
 *
 * @param precision Data type of the file; float16 rounds to nearest, ties to even.
 * @throws {UsageError} If a value does not fit into float16.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>>,
  precision: Precision,
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(([a], [b]) => a < b ? -1 : 1);
  const entries: [string, unknown][] = [["__metadata__", metadata]];
  let size = 0;
  for (const [name, { shape, values }] of sorted) {
    const count = shape.reduce((product, length) => product * length, 1);
    if (count !== values.length) {
      throw new RangeError(
        `tensor "${name}" of shape [${shape.join(", ")}] needs ${count} numbers, got ${values.length}`,
      );
    }
    const end = size + count * BYTES[precision];
    entries.push([name, { dtype: precision, shape, data_offsets: [size, end] }]);
    size = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const textLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(LENGTH_BYTES + textLength + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(textLength), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + textLength);
  file.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + textLength;
  for (const [name, { values }] of sorted) {
    const numbers = precision === "F16" ? toHalf(name, values) : values;
    file.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), at);
    at += numbers.byteLength;
  }
  return file;
}
