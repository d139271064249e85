/**
 * The end of a process that has loaded native libraries.
 *
 * @module
 */

/**
 * Ends the process with an exit code. Native libraries are not unloaded where that is possible: one whose threads still open
 * or run a network then crashes, and the exit code would be that of the crash.
 */
export function exitAtOnce(code: number): never {
  if (Deno.build.os === "linux" && Deno.permissions.querySync({ name: "ffi" }).state === "granted") {
    try {
      Deno.dlopen("libc.so.6", { _exit: { parameters: ["i32"], result: "void" } }).symbols._exit(code);
    } catch {
      // The C library has another name.
    }
  }
  Deno.exit(code);
}
