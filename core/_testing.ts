/** Random numbers for tests. */

/** Returns a generator of integers below `limit` that depend only on the seed. */
export function randomIntegers(seed: number): (limit: number) => number {
  return (limit) => {
    seed = (seed * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor(seed / 2 ** 32 * limit);
  };
}
