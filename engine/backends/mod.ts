/**
 * The backends of this package: tfjs on WebAssembly, WebGPU and plain JavaScript.
 *
 * @module
 */
export { cpuBackend } from "./cpu/mod.ts";
export { useBackend } from "./use_backend.ts";
export { wasmBackend } from "./wasm/mod.ts";
export { findAdapter, type GpuAdapter } from "./webgpu/adapter.ts";
export { webgpuBackend } from "./webgpu/mod.ts";
