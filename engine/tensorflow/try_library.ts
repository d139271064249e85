import { TensorflowBinding } from "./binding/binding.ts";

/** Facts that a TensorFlow library reports, and whether it multiplies correctly. */
export interface LibraryFacts {
  /** Whether a product of two matrices was correct. */
  readonly isCorrect: boolean;
  /** Version of the library. */
  readonly version: string;
  /** Type of its default device: `CPU` or `GPU`. */
  readonly device: string;
}

/**
 * Loads a TensorFlow library and multiplies two matrices with it. A library for another processor
 * crashes the process, so this runs in a separate one.
 *
 * @param library Path of the library.
 * @throws {UsageError} If it cannot be loaded.
 */
export function tryLibrary(library: string): LibraryFacts {
  const binding = new TensorflowBinding(library);
  const twos = binding.createTensor([2, 2], binding.TF_FLOAT, new Float32Array(4).fill(2));
  const type = [{ name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }];
  const [product] = binding.executeOp("MatMul", type, [twos, twos], 1);
  const isCorrect = product !== undefined && binding.tensorDataSync(product.id).every((value) => value === 8);
  const facts = { isCorrect, version: binding.TF_Version, device: binding.device.type };
  binding.close();
  return facts;
}
