/** The variable by which `main.ts` tells a task the most memory that it may use, in bytes. */
export const MEMORY_LIMIT = "SLOMO_MEMORY_LIMIT";

/** Returns the most bytes of memory that a task may use, where `main.ts` has found a limit. */
export function memoryLimit(env = (name: string) => Deno.env.get(name)): number | undefined {
  const limit = Number(env(MEMORY_LIMIT) || 0);
  return limit > 0 ? limit : undefined;
}
