import * as tf from "@tensorflow/tfjs-core";
import type { BackendDefinition } from "../../backend.ts";
import type { WasmBackend } from "./backend.ts";
import { useBackend } from "../use_backend.ts";
import { guardMemory } from "./memory.ts";

/** tfjs's WebAssembly backend: there on every machine, one thread. */
export const wasmBackend: BackendDefinition = {
  name: "wasm",
  module: import.meta.url,
  rank: { interpolate: 10, train: 10 },
  singleThreaded: true,
  memory: { fixed: 150 * 2 ** 20, perPixel: 950 },
  async open() {
    await import("@tensorflow/tfjs-backend-wasm");
    await import("./kernels.ts");
    const facts = { device: "CPU, WebAssembly with SIMD", software: false, tolerance: 1e-4 };
    const backend = await useBackend("wasm", facts);
    guardMemory(tf.backend() as unknown as WasmBackend);
    return backend;
  },
};

export default wasmBackend;
