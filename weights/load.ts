import { type Tensor, tensor } from "@tensorflow/tfjs-core";
import type { ArchitectureFacts, ParameterSpec } from "@slomo/core";
import { checkParameters } from "./check_parameters.ts";
import { tensorValues } from "./safetensors.ts";
import { openWeights, type WeightsFile } from "./weights_file.ts";

export type { WeightsPrefix } from "./check_parameters.ts";

/**
 * Creates the tensors of a part from a weights file, in float32, by their names after the prefix. Checks all of them
 * first; the caller disposes them.
 *
 * @param specs Parameters of the part.
 * @param prefix A {@linkcode WeightsPrefix}, or the one that a loss names.
 * @param file The file, or its bytes.
 * @param architecture Part and options of `specs`, for errors.
 * @throws {UsageError} If a tensor is missing, unknown or has another shape; the message names the tensor, both shapes
 * and both architectures.
 */
export function loadParameters(
  specs: readonly ParameterSpec[],
  prefix: string,
  file: WeightsFile | Uint8Array,
  architecture?: ArchitectureFacts,
): Record<string, Tensor> {
  const weights = file instanceof Uint8Array ? openWeights(file) : file;
  return Object.fromEntries(
    checkParameters(specs, prefix, weights, architecture).map((
      { spec, entry },
    ) => [spec.name, tensor(tensorValues(weights, entry), [...spec.shape])]),
  );
}
