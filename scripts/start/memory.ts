/**
 * Flags of `deno run` that keep a task's memory constant. V8 enlarges its young generation for some ten thousand frames,
 * and lets the old generation double before it collects it. Frames are outside of the heap, so that a small heap
 * suffices for a long video.
 */
export function memoryFlags(task: string): readonly string[] {
  return ["interpolate", "segments", "worker"].includes(task)
    ? ["--v8-flags=--max-semi-space-size=2,--heap-growing-percent=10"]
    : [];
}

/**
 * Environment variables of glibc for tasks that run native libraries: one heap for all threads, which keeps freed memory.
 * Then onnxruntime needs no arenas of its own, one for each session, whose sizes add up (`engine/onnx/session`). Measured
 * at 1920×1080: a quarter less memory, and less CPU time, since the kernel need not clear fresh pages for every frame.
 *
 * @param runsLibraries Whether the task may load native libraries.
 */
export function memoryVariables(runsLibraries: boolean, system = Deno.build.os): Readonly<Record<string, string>> {
  if (!runsLibraries || system !== "linux") return {};
  return { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: `${2 ** 31 - 1}` };
}
