import type { TfjsBackend } from "../../backend.ts";
import type { WasmBackend } from "./backend.ts";
import { useBackend } from "../use_backend.ts";
import { guardMemory } from "./memory.ts";

/** tfjs's WebAssembly backend: works on every machine and uses one core per instance. */
export const wasmBackend: TfjsBackend = {
  kind: "tfjs",
  name: "wasm",
  module: import.meta.url,
  rank: { interpolate: 10, train: 10 },
  threading: "per-core",
  memory: { fixed: 150 * 2 ** 20, factor: 1.1875 },
  async open() {
    const tf = await import("@tensorflow/tfjs-core");
    await import("@tensorflow/tfjs-backend-wasm");
    await import("./kernels.ts");
    const facts = { device: "CPU, WebAssembly with SIMD", software: false, tolerance: 1e-4 };
    const backend = await useBackend("wasm", facts);
    guardMemory(tf.backend() as unknown as WasmBackend);
    return backend;
  },
};

export default wasmBackend;
