/**
 * Pseudorandom numbers, the same for the same keys: xoshiro128** (Blackman and Vigna, 2018), its state filled by
 * splitmix32 from a hash of the keys. One stream per sample, keyed by seed and position, keeps no state between samples:
 * any worker can draw any sample, and a run resumes from its position alone.
 */

/** A stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1), with 32 bits. */
  next(): number;
  /** Uniform integer in [0, `below`). */
  integer(below: number): number;
  /** Uniform in [`low`, `high`). */
  between(low: number, high: number): number;
  /** True with probability `share`. */
  chance(share: number): boolean;
  /** One of `items`, uniformly. @throws {RangeError} If `items` is empty. */
  pick<T>(items: readonly T[]): T;
  /** Index of one of `weights` (0 or more), in proportion. @throws {RangeError} If their sum is not above 0. */
  weighted(weights: ArrayLike<number>): number;
  /** Normally distributed, mean 0 and deviation 1. */
  normal(): number;
  /** Exponentially distributed with that mean. */
  exponential(mean: number): number;
  /** The numbers from 0 to `count` − 1 in random order. */
  permutation(count: number): number[];
}

/** Returns 32 bits of FNV-1a over the keys' text, each terminated by a zero byte, so that ("ab", "c") differs from ("a", "bc"). */
export function hashKeys(keys: readonly (number | string)[]): number {
  let hash = 0x811c9dc5;
  for (const key of keys) {
    for (const byte of new TextEncoder().encode(`${key}\0`)) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

function xoshiro128(seed: number): () => number {
  const fill = splitmix32(seed);
  let a = fill(), b = fill(), c = fill(), d = fill();
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}

/** Creates the stream of these keys, for example `random(seed, "augment", step)`. */
export function random(...keys: readonly (number | string)[]): Random {
  const bits = xoshiro128(hashKeys(keys));
  const next = () => bits() / 2 ** 32;
  const integer = (below: number) => Math.floor(next() * below);
  return {
    next,
    integer,
    between: (low, high) => low + (high - low) * next(),
    chance: (share) => next() < share,
    pick(items) {
      if (items.length === 0) throw new RangeError("random: cannot pick from an empty list");
      return items[integer(items.length)]!;
    },
    weighted(weights) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]!;
      if (!(sum > 0)) throw new RangeError(`random: weights must have a sum above 0, got ${sum}`);
      let left = next() * sum;
      for (let i = 0; i < weights.length - 1; i++) {
        left -= weights[i]!;
        if (left < 0) return i;
      }
      return weights.length - 1;
    },
    // 1 − u lies in (0, 1]: its logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: (mean) => -mean * Math.log(1 - next()),
    permutation(count) {
      const order = Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
}
