import type { BackendDefinition } from "../backend.ts";
import { useBackend } from "./use_backend.ts";

/** tfjs's WebAssembly backend: there on every machine, one thread. */
export const wasmBackend: BackendDefinition = {
  name: "wasm",
  rank: { interpolate: 10, train: 10 },
  singleThreaded: true,
  async open() {
    await import("@tensorflow/tfjs-backend-wasm");
    await import("../kernels/wasm/mod.ts");
    return await useBackend("wasm", { device: "CPU, WebAssembly with SIMD", software: false, tolerance: 1e-4 });
  },
};
