/** Keeps libtensorflow's chatter off the terminal: what goes wrong is thrown, with its reason. */

const LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL", FATAL_ONLY = "3";
const STDERR = 2, WRITE_ONLY = 1;

const granted = (descriptor: Deno.PermissionDescriptor): boolean =>
  Deno.permissions.querySync(descriptor).state === "granted";

/**
 * Makes TensorFlow log nothing short of a crash, unless the person has set `TF_CPP_MIN_LOG_LEVEL`. Without permission
 * to the environment it stays as it is.
 */
export function quietLogs(): void {
  if (!granted({ name: "env", variable: LOG_LEVEL })) return;
  if (Deno.env.get(LOG_LEVEL) === undefined) Deno.env.set(LOG_LEVEL, FATAL_ONLY);
}

/**
 * Runs `load` with stderr closed to native code. On Linux the library greets before it reads its log level, and there is
 * no other way to stop it. Where libc may not be called, the greeting is seen and nothing else is different.
 */
export function withoutGreeting<T>(load: () => T): T {
  if (Deno.build.os !== "linux" || !granted({ name: "ffi" })) return load();
  const libc = Deno.dlopen("libc.so.6", {
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    open: { parameters: ["buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { symbols } = libc;
  const kept = symbols.dup(STDERR), nowhere = symbols.open(new TextEncoder().encode("/dev/null\0"), WRITE_ONLY);
  try {
    if (kept >= 0 && nowhere >= 0) symbols.dup2(nowhere, STDERR);
    return load();
  } finally {
    if (kept >= 0) symbols.dup2(kept, STDERR);
    for (const file of [kept, nowhere]) if (file >= 0) symbols.close(file);
    libc.close();
  }
}
