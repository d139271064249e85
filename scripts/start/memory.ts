/**
 * Flags of `deno run` that keep a task's memory flat. V8 gives its young objects more and more room for some ten thousand frames,
 * and lets its old ones double before it looks through them; frames themselves lie elsewhere, so that little room serves a long
 * video as well.
 */
export function memoryFlags(task: string): readonly string[] {
  return task === "interpolate" ? ["--v8-flags=--max-semi-space-size=2,--heap-growing-percent=10"] : [];
}
