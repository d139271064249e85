import type { BackendDefinition } from "../backend.ts";
import { onnxBackend } from "../onnx/backend.ts";
import { cpuBackend } from "./cpu.ts";
import { tensorflowBackend } from "../tensorflow/backend.ts";
import { wasmBackend } from "./wasm.ts";
import { webgpuBackend } from "./webgpu.ts";

/** All backends that there are. */
export const BACKENDS: readonly BackendDefinition[] = [
  onnxBackend,
  webgpuBackend,
  tensorflowBackend,
  wasmBackend,
  cpuBackend,
];
