/** Facts of a library, or the reason why it does not work on this machine. */
export type LibraryCheck = { readonly version: string; readonly device: string } | { readonly reason: string };

const CHECK = new URL("./check_library.ts", import.meta.url).href;

/** Returns the reason why the process that loaded the library failed. */
function reasonOf(code: number, signal: string | null, stderr: string): string {
  if (signal === "SIGILL") return "this processor lacks instructions that it was built for (AVX)";
  if (signal !== null) return `loading it ended with ${signal}`;
  const line = stderr.split("\n").find((line) => /^(error|.*Error):/.test(line));
  return line?.replace(/^error: (Uncaught )?(\(in promise\) )?(\w+Error: )?/, "") ??
    `loading it ended with code ${code}`;
}

/** Loads a libtensorflow in another process and tests a matrix product. */
export async function checkLibrary(library: string, signal: AbortSignal): Promise<LibraryCheck> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--quiet", "--allow-ffi", "--allow-env", CHECK, library],
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal,
  });
  const { code, signal: ended, stdout, stderr } = await child.output();
  signal.throwIfAborted();
  if (code !== 0) return { reason: reasonOf(code, ended, new TextDecoder().decode(stderr)) };
  const facts: { isCorrect: boolean; version: string; device: string } = JSON.parse(new TextDecoder().decode(stdout));
  return facts.isCorrect ? facts : { reason: "it multiplies wrong" };
}
