import type { BackendDefinition } from "../backend.ts";
import { cpuBackend } from "./cpu.ts";
import { wasmBackend } from "./wasm.ts";
import { webgpuBackend } from "./webgpu.ts";

/** All backends that there are. */
export const BACKENDS: readonly BackendDefinition[] = [webgpuBackend, wasmBackend, cpuBackend];
