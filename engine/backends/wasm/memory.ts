import { JobError } from "@slomo/core";
import type { WasmBackend } from "./backend.ts";

/** Memory that the library may allocate within a kernel. If that fails, it silently computes wrong results. */
const KERNEL_MEMORY = 2 ** 26;

/** Size of the heap, which is limited to 4 GiB, above which allocations are checked for {@linkcode KERNEL_MEMORY}. */
const NEARLY_FULL = 2 ** 32 - 2 ** 28;

/**
 * Makes failed allocations throw. tfjs does not check for address 0, which means failure, and would overwrite the
 * memory there.
 */
export function guardMemory({ wasm }: Pick<WasmBackend, "wasm">): void {
  // The first call makes Emscripten replace its stub by the function itself.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc;
  const hasKernelMemory = () => {
    if (wasm.HEAPU8.length < NEARLY_FULL) return true;
    const spare = allocate(KERNEL_MEMORY);
    wasm._free(spare);
    return spare !== 0;
  };
  wasm._malloc = (bytes) => {
    const offset = allocate(bytes);
    if (offset !== 0 && hasKernelMemory()) return offset;
    wasm._free(offset);
    throw new JobError(
      "wasm: out of memory: the job needs more than the 4 GiB of WebAssembly; set `tile`, or choose another `backend`",
      { code: "out-of-memory", option: "tile" },
    );
  };
}
