import type { TfjsBackend } from "../../backend.ts";
import type { WasmBackend } from "./backend.ts";
import { useBackend } from "../use_backend.ts";
import { guardMemory } from "./memory.ts";

/**
 * The specifier is in a variable because Deno downloads every specifier that it can read before a program starts, and most
 * programs do not need this package. Must equal the version in deno.json.
 */
const PACKAGE = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";

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
    await import(PACKAGE);
    await import("./kernels.ts");
    const facts = { device: "CPU, WebAssembly with SIMD", software: false, tolerance: 1e-4 };
    const backend = await useBackend("wasm", facts);
    guardMemory(tf.backend() as unknown as WasmBackend);
    return backend;
  },
};

export default wasmBackend;
