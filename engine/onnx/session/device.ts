import { UsageError } from "@slomo/core";

/** Where onnxruntime computes, by its own names for providers. */
const WORDS = {
  cpu: "CPU",
  dml: "GPU by DirectML",
  cuda: "GPU by CUDA",
  webgpu: "GPU by WebGPU",
  coreml: "Apple's accelerators by CoreML",
} as const;

/** A device of the engine. */
export type OnnxDevice = keyof typeof WORDS;

/** A device in words for people. */
export function wordsOf(device: OnnxDevice): string {
  return WORDS[device];
}

/**
 * The device of a name.
 *
 * @throws {UsageError} If there is none of that name.
 */
export function deviceOf(name = "cpu"): OnnxDevice {
  if (name in WORDS) return name as OnnxDevice;
  throw new UsageError(`onnx: there is no device "${name}"; there are ${Object.keys(WORDS).join(", ")}`);
}
