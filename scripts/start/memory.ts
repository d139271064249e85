/**
 * Flags of `deno run` that keep a task's memory constant. V8 enlarges its young generation for some ten thousand frames,
 * and lets the old generation double before it collects it. Frames are outside of the heap, so that a small heap
 * suffices for a long video.
 */
export function memoryFlags(task: string): readonly string[] {
  return task === "interpolate" || task === "segments"
    ? ["--v8-flags=--max-semi-space-size=2,--heap-growing-percent=10"]
    : [];
}
