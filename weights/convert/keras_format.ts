import type * as h5wasm from "h5wasm";
import { JobError, UsageError } from "@slomo/core";
import type { NamedTensor } from "@slomo/core";
import type { ConvertedModel, SourceFormat } from "./source_format.ts";
import { type LazyTensors, vggModel } from "./vgg/vgg_model.ts";

const MAGIC = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Name of the file within the reader's own memory. */
const INSIDE = "model.h5";

/** Not written where it is imported: a specifier that Deno can see is downloaded by everybody, and this one is large. */
const READER = "npm:h5wasm@0.10.3";

/** Keras's HDF5 files of VGG16 or VGG19. */
export const kerasFormat: SourceFormat = {
  description: "Keras's .h5 of VGG16 or VGG19",
  accepts: (bytes) => MAGIC.every((byte, i) => bytes[i] === byte),
  async read(bytes, location) {
    const { ready, File, Dataset } = await import(READER) as typeof h5wasm,
      { FS, activate_throwing_error_handler: throwErrors } = await ready;
    throwErrors();
    FS.writeFile(INSIDE, bytes);
    let file: h5wasm.File | undefined;
    try {
      file = new File(INSIDE, "r");
      const tensors = new Map<string, () => NamedTensor>(), open = file;
      for (const path of file.paths()) {
        const item = open.get(path);
        if (!(item instanceof Dataset)) continue;
        tensors.set(path.replace(/^\//, ""), () => {
          const { value } = item;
          if (!(value instanceof Float32Array || value instanceof Float64Array)) {
            throw new UsageError(`${location}: "${path}" must hold floating-point numbers, got ${item.dtype}`);
          }
          return { shape: item.shape ?? [], values: Float32Array.from(value) };
        });
      }
      return modelOf(tensors, location);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new JobError(`${location} is truncated or damaged: ${error instanceof Error ? error.message : error}`);
    } finally {
      file?.close();
      FS.unlink(INSIDE);
    }
  },
};

function modelOf(tensors: LazyTensors, location: string): ConvertedModel {
  const model = vggModel(tensors, location);
  if (model) return model;
  throw new UsageError(
    `${location} holds ${[...tensors.keys()].slice(0, 3).join(", ")}, which are not the layers block1_conv1, … of VGG`,
  );
}
