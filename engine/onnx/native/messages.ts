import { cString, withLibc } from "./libc.ts";

/** File descriptor of standard error. */
const STDERR = 2;

/** Lines that graphics libraries write: Dawn and its reasons, Mesa, and the Wayland client that Mesa uses. */
const NATIVE = /^(Warning: |Error: | - While |\s+at .*\.(cpp|h):\d+\)|(error: )?XDG_RUNTIME_DIR |MESA)/;

/** Returns text without the lines of graphics libraries, and without the empty lines that follow them. */
export function withoutNativeLines(text: string): string {
  let isNative = false;
  return text.split(/(?<=\n)/).filter((line) => {
    isNative = NATIVE.test(line) || isNative && line.trim() === "";
    return !isNative;
  }).join("");
}

/** Standard error, and the memory that receives it meanwhile, as file descriptors. */
interface Capture {
  readonly original: number;
  readonly memory: number;
}

function start(): Capture | undefined {
  return withLibc(({ dup, dup2, memfd_create }) => {
    const original = dup(STDERR), memory = memfd_create(cString("slomo-stderr"), 0);
    dup2(memory, STDERR);
    return { original, memory };
  });
}

function stop({ original, memory }: Capture): void {
  withLibc(({ close, dup2, pread, write }) => {
    dup2(original, STDERR);
    const decoder = new TextDecoder(), chunk = new Uint8Array(65_536);
    let text = "";
    for (let offset = 0n, length; (length = pread(memory, chunk, 65_536n, offset)) > 0n; offset += length) {
      text += decoder.decode(chunk.subarray(0, Number(length)), { stream: true });
    }
    const kept = new TextEncoder().encode(withoutNativeLines(text));
    if (kept.length > 0) write(STDERR, kept, BigInt(kept.length));
    close(memory);
    close(original);
  });
}

/**
 * Keeps graphics libraries from writing to standard error while `work` runs. Neither WebGPU in onnxruntime (Dawn) nor the
 * drivers have a setting for it. Other lines, of any thread, appear when `work` ends. Works on Linux only.
 *
 * @returns What `work` returns.
 */
export async function withoutNativeMessages<T>(work: () => Promise<T>): Promise<T> {
  const capture = start();
  try {
    return await work();
  } finally {
    if (capture) stop(capture);
  }
}
