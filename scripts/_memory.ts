/** The variable by which `start.ts` tells a task what it may take of memory, in bytes. */
export const MEMORY_LIMIT = "SLOMO_MEMORY_LIMIT";

/** Bytes of memory that there are to take: what is free, and what a container allows where `start.ts` found that. */
export function freeMemory(): number {
  const limit = Number(Deno.env.get(MEMORY_LIMIT) || Infinity), { available } = Deno.systemMemoryInfo();
  return limit > 0 ? Math.min(available, limit) : available;
}
