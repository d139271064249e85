import { cString } from "./native.ts";

const LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL", FATAL_ONLY = "3";
const STDERR = 2, WRITE_ONLY = 1, RTLD_NOW = 2, RTLD_DEEPBIND = 8;

const granted = (descriptor: Deno.PermissionDescriptor): boolean =>
  Deno.permissions.querySync(descriptor).state === "granted";

/**
 * Makes TensorFlow log nothing short of a crash, since what goes wrong is thrown with its reason; `TF_CPP_MIN_LOG_LEVEL`
 * overrules it. Without permission to the environment it stays as it is.
 */
function quietLogs(): void {
  if (!granted({ name: "env", variable: LOG_LEVEL })) return;
  if (Deno.env.get(LOG_LEVEL) === undefined) Deno.env.set(LOG_LEVEL, FATAL_ONLY);
}

/**
 * On Linux, loads the library through libc, ahead of `Deno.dlopen`, for two things that Deno's cannot do. Symbols are
 * looked up in the library itself first: it carries an LLVM, and would call into the other one that Mesa's graphics
 * drivers have loaded where WebGPU was tried before, and crash. And stderr is closed meanwhile, since TensorFlow greets
 * before it reads its log level. Where libc may not be called, both stay undone.
 */
export function preload(path: string): void {
  quietLogs();
  if (Deno.build.os !== "linux" || !granted({ name: "ffi" })) return;
  const { symbols, close } = openLibc();
  const kept = symbols.dup(STDERR), nowhere = symbols.open(cString("/dev/null"), WRITE_ONLY);
  try {
    if (kept >= 0 && nowhere >= 0) symbols.dup2(nowhere, STDERR);
    symbols.dlopen(cString(path), RTLD_NOW | RTLD_DEEPBIND); // Deno.dlopen says what is wrong where this fails
  } finally {
    if (kept >= 0) symbols.dup2(kept, STDERR);
    for (const file of [kept, nowhere]) if (file >= 0) symbols.close(file);
    close();
  }
}

function openLibc() {
  const libc = Deno.dlopen("libc.so.6", {
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    open: { parameters: ["buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  return { symbols: libc.symbols, close: () => libc.close() };
}
