import { unzipSync } from "fflate";
import { JobError, UsageError } from "@slomo/core";
import type { NamedTensor } from "@slomo/core";
import type { SourceFormat } from "./source_format.ts";
import { isZip } from "./torch/torch_file.ts";
import { vggModel } from "./vgg/vgg_model.ts";
import { zipNames } from "./zip_names.ts";

const ENDING = ".npy";

/** Bytes before the length of an npy file's header: the magic word and the version. */
const PREFACE = 8;

/** An array of NumPy's: float16, float32 or float64, little endian, rows first. */
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
      `${location}: "${name}" must be float16, float32 or float64 in rows, got ${type ?? "no array"}`,
    );
  }
  return { shape: shape.split(",").map((length) => length.trim()).filter(Boolean).map(Number), values };
}

/** NumPy's npz of VGG16 or VGG19. */
export const npzFormat: SourceFormat = {
  description: "npz of VGG16 or VGG19 with names such as conv1_1_W or block1_conv1_W",
  accepts: (bytes) => isZip(bytes) && zipNames(bytes).some((name) => name.endsWith(ENDING)),
  read(bytes, location) {
    const names = zipNames(bytes).filter((name) => name.endsWith(ENDING));
    const read = (name: string): NamedTensor => {
      try {
        return readNpy(unzipSync(bytes, { filter: (file) => file.name === name })[name]!, name, location);
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new JobError(`${location} is truncated or damaged: ${error instanceof Error ? error.message : error}`);
      }
    };
    const model = vggModel(new Map(names.map((name) => [name.slice(0, -ENDING.length), () => read(name)])), location);
    if (model) return model;
    throw new UsageError(`${location} holds ${names.slice(0, 3).join(", ")}, which are not VGG's layers conv1_1_W, …`);
  },
};
