/** Functions of the C library that Deno does not offer. */
const FUNCTIONS = {
  access: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C library. */
export type Libc = Deno.DynamicLibrary<typeof FUNCTIONS>;

/** Returns a string as C expects it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/**
 * Runs `work` with the C library of Linux.
 *
 * @returns What `work` returns; `undefined` on other systems, without `--allow-ffi`, or if the library has another name.
 */
export function withLibc<T>(work: (functions: Libc["symbols"]) => T): T | undefined {
  if (Deno.build.os !== "linux" || Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  let library: Libc;
  try {
    library = Deno.dlopen("libc.so.6", FUNCTIONS);
  } catch {
    return undefined;
  }
  try {
    return work(library.symbols);
  } finally {
    library.close();
  }
}
