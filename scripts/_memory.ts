/** The variable by which `start.ts` tells a task the most memory that it may use, in bytes. */
export const MEMORY_LIMIT = "SLOMO_MEMORY_LIMIT";

/** Returns the most bytes of memory that a task may use, where `start.ts` has found a limit. */
export function memoryLimit(): number | undefined {
  const limit = Number(Deno.env.get(MEMORY_LIMIT) || 0);
  return limit > 0 ? limit : undefined;
}
