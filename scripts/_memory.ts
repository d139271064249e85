/** Environment variable in which `main.ts` passes the memory limit to a task, in bytes. */
export const MEMORY_LIMIT = "SLOMO_MEMORY_LIMIT";

/** Returns the memory limit of a task in bytes, if `main.ts` has found one. */
export function memoryLimit(env = (name: string) => Deno.env.get(name)): number | undefined {
  const limit = Number(env(MEMORY_LIMIT) || 0);
  return limit > 0 ? limit : undefined;
}
