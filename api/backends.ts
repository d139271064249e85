import type { BackendDefinition } from "@slomo/engine";
import { cpuBackend, wasmBackend, webgpuBackend } from "@slomo/engine/backends";
import { onnxBackend } from "@slomo/onnx/definition";
import { tensorflowBackend } from "@slomo/tensorflow/definition";

/** The backends that slomo ships. `auto` tries those with a rank for the job, best first. */
export const BACKENDS: readonly BackendDefinition[] = [
  onnxBackend,
  webgpuBackend,
  tensorflowBackend,
  wasmBackend,
  cpuBackend,
];
