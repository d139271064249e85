import { JobError } from "@slomo/core";
import type { WasmBackend } from "./backend.ts";

/** What the library may need for itself in the midst of a kernel; where it gets nothing it computes nonsense and says nothing. */
const OWN_NEED = 2 ** 26;

/** Size of the heap, of at most 4 GiB, from which on room is looked for. */
const NEARLY_FULL = 2 ** 32 - 2 ** 28;

/**
 * Makes an allocation throw that WebAssembly has no memory for. tfjs takes the address 0, which stands for failure, as any
 * other, and writes tensors over what lies there.
 */
export function guardMemory({ wasm }: Pick<WasmBackend, "wasm">): void {
  // Emscripten puts the function itself in the place of its stub when it is called first.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc;
  const hasRoom = () => {
    if (wasm.HEAPU8.length < NEARLY_FULL) return true;
    const spare = allocate(OWN_NEED);
    wasm._free(spare);
    return spare !== 0;
  };
  wasm._malloc = (bytes) => {
    const offset = allocate(bytes);
    if (offset !== 0 && hasRoom()) return offset;
    wasm._free(offset);
    throw new JobError(
      "wasm: the job needs more than the 4 GiB that WebAssembly has; give --tile or another --backend",
    );
  };
}
