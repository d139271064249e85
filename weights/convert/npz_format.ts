import { unzipSync } from "fflate";
import { JobError, type NamedTensor, UsageError } from "@slomo/core";
import type { SourceFormat } from "./source_format.ts";
import { isZip } from "./torch/torch_file.ts";

const ENDING = ".npy";

/** Bytes before the header length of an npy file: magic number and version. */
const PREFACE = 8;

/** Reads an array of NumPy: float16, float32 or float64, little endian, in row-major order. */
function readNpy(bytes: Uint8Array, name: string, location: string): NamedTensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), isOld = bytes[6] === 1;
  const from = PREFACE + (isOld ? 2 : 4);
  const end = from + (isOld ? view.getUint16(PREFACE, true) : view.getUint32(PREFACE, true));
  const header = new TextDecoder().decode(bytes.subarray(from, end));
  const type = /'descr': '([^']*)'/.exec(header)?.[1], shape = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  const isRows = header.includes("'fortran_order': False");
  const data = bytes.slice(end).buffer as ArrayBuffer;
  const values = type === "<f4"
    ? new Float32Array(data)
    : type === "<f2"
    ? new Float32Array(new Float16Array(data))
    : type === "<f8"
    ? new Float32Array(new Float64Array(data))
    : undefined;
  if (!values || !isRows || shape === undefined) {
    throw new UsageError(
      `${location}: "${name}" must be float16, float32 or float64 in row-major order, got ${type ?? "no array"}`,
      { code: "unsupported-model" },
    );
  }
  return { shape: shape.split(",").map((length) => length.trim()).filter(Boolean).map(Number), values };
}

/** Returns the names in a zip file; none for other or damaged files. */
export function zipNames(bytes: Uint8Array): string[] {
  const names: string[] = [];
  try {
    unzipSync(bytes, { filter: ({ name }) => names.push(name) < 0 });
  } catch {
    return [];
  }
  return names;
}

/** NumPy's npz. */
export const npzFormat: SourceFormat = {
  accepts: (bytes) => isZip(bytes) && zipNames(bytes).some((name) => name.endsWith(ENDING)),
  open(bytes, location) {
    const read = (name: string): NamedTensor => {
      try {
        return readNpy(unzipSync(bytes, { filter: (file) => file.name === name })[name]!, name, location);
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new JobError(`${location} is truncated or damaged: ${error instanceof Error ? error.message : error}`, {
          code: "weights-damaged",
        });
      }
    };
    const names = zipNames(bytes).filter((name) => name.endsWith(ENDING));
    const tensors = new Map(names.map((name) => [name.slice(0, -ENDING.length), () => read(name)]));
    return { format: "npz", location, metadata: {}, precision: "F32", tensors };
  },
};
