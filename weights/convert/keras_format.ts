import type * as h5wasm from "h5wasm";
import { JobError, type NamedTensor, UsageError } from "@slomo/core";
import type { SourceFormat } from "./source_format.ts";

const MAGIC = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Name of the file in the virtual file system of h5wasm. */
const INSIDE = "model.h5";

/** Specifier in a variable: Deno downloads packages whose specifiers are literals in the code, and few users need this large one. */
const READER = "npm:h5wasm@0.10.3";

/** Keras's HDF5 files. */
export const kerasFormat: SourceFormat = {
  accepts: (bytes) => MAGIC.every((byte, i) => bytes[i] === byte),
  async open(bytes, location) {
    const { ready, File, Dataset } = await import(READER) as typeof h5wasm,
      { FS, activate_throwing_error_handler: throwErrors } = await ready;
    throwErrors();
    FS.writeFile(INSIDE, bytes);
    let file: h5wasm.File | undefined;
    const close = () => {
      file?.close();
      FS.unlink(INSIDE);
    };
    const intact = <T>(read: () => T): T => {
      try {
        return read();
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new JobError(`${location} is truncated or damaged: ${error instanceof Error ? error.message : error}`, {
          code: "weights-damaged",
        });
      }
    };
    const readTensor = (path: string, item: h5wasm.Dataset): NamedTensor => {
      const { value } = item;
      if (!(value instanceof Float32Array || value instanceof Float64Array)) {
        throw new UsageError(`${location}: "${path}" must hold floating-point numbers, got ${item.dtype}`, {
          code: "unsupported-model",
        });
      }
      return { shape: item.shape ?? [], values: Float32Array.from(value) };
    };
    try {
      const tensors = intact(() => {
        const opened = file = new File(INSIDE, "r");
        return opened.paths().flatMap((path) => {
          const item = opened.get(path);
          const read = () => intact(() => readTensor(path, item as h5wasm.Dataset));
          return item instanceof Dataset ? [[path.replace(/^\//, ""), read] as const] : [];
        });
      });
      return { format: "keras", location, metadata: {}, precision: "F32", tensors: new Map(tensors), close };
    } catch (error) {
      close();
      throw error;
    }
  },
};
