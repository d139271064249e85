import { UsageError } from "@slomo/core";
import { cString, SYMBOLS, type Symbols } from "./native.ts";

const STDERR = 2, WRITE_ONLY = 1, RTLD_NOW = 2, RTLD_DEEPBIND = 8;

const granted = (descriptor: Deno.PermissionDescriptor): boolean =>
  Deno.permissions.querySync(descriptor).state === "granted";

/**
 * Environment variables that TensorFlow reads when it is loaded. Its log is limited to crashes, since errors are thrown with
 * their reason. oneDNN computes convolutions and their gradients; by itself, TensorFlow uses it on some x86 processors only,
 * although a training step takes two thirds of the time on others too.
 */
const VARIABLES: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: "3",
  ...Deno.build.arch === "x86_64" && { TF_ENABLE_ONEDNN_OPTS: "1" },
};

/** Sets the variables, unless the user has, or the environment may not be changed. */
function setVariables(): void {
  for (const [variable, value] of Object.entries(VARIABLES)) {
    if (!granted({ name: "env", variable })) continue;
    if (Deno.env.get(variable) === undefined) Deno.env.set(variable, value);
  }
}

/**
 * On Linux, loads the library through libc before `Deno.dlopen`, for two reasons. Symbols are first looked up in the library
 * itself: it contains an LLVM, and would crash if it called another LLVM, which Mesa's graphics drivers load for WebGPU.
 * And stderr is redirected meanwhile, because TensorFlow logs before it reads its log level. Without permission to call libc
 * it does nothing.
 */
function preload(path: string): void {
  setVariables();
  if (Deno.build.os !== "linux" || !granted({ name: "ffi" })) return;
  const { symbols, close } = openLibc();
  const saved = symbols.dup(STDERR), nullDevice = symbols.open(cString("/dev/null"), WRITE_ONLY);
  try {
    if (saved >= 0 && nullDevice >= 0) symbols.dup2(nullDevice, STDERR);
    symbols.dlopen(cString(path), RTLD_NOW | RTLD_DEEPBIND); // Deno.dlopen reports the error if this fails
  } finally {
    if (saved >= 0) symbols.dup2(saved, STDERR);
    for (const file of [saved, nullDevice]) if (file >= 0) symbols.close(file);
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

/** Returns the message for a library that cannot be loaded. */
function messageOf(path: string, error: unknown): string {
  const detail = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ")
    .replaceAll("Could not open library: ", "");
  if (error instanceof Deno.errors.NotCapable) {
    return `tensorflow: cannot load ${path}: permission is denied; allow FFI for its folder (deno run --allow-ffi=FOLDER)`;
  }
  if (/register symbol/.test(detail)) {
    return `tensorflow: ${path} lacks a function of TensorFlow's C API (${detail}); run \`deno task setup\` for a newer library`;
  }
  return `tensorflow: cannot load ${path}: ${detail}; run \`deno task setup\`, or set $SLOMO_LIBTENSORFLOW to another library`;
}

/**
 * Loads libtensorflow. It is never unloaded.
 *
 * @throws {UsageError} If the file is missing, is no libtensorflow, or may not be loaded.
 */
export function openLibrary(path: string): Symbols {
  let symbols: Symbols;
  preload(path);
  try {
    symbols = Deno.dlopen(path, SYMBOLS).symbols;
  } catch (error) {
    throw new UsageError(messageOf(path, error), { code: "no-backend", option: "backend", cause: error });
  }
  // Deno unloads the library when the process or a worker ends, while TensorFlow's threads and exit handlers still run in
  // it. Another reference keeps it in memory.
  if (symbols.dlopen(cString(path), RTLD_NOW) === null) {
    throw new UsageError(`tensorflow: cannot keep ${path} in memory`, { code: "no-backend", option: "backend" });
  }
  return symbols;
}
