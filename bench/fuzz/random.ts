/** A seeded generator of random numbers. */
export interface Dice {
  /** Returns a number in [0, 1). */
  next(): number;
  /** Returns an integer in [0, end). */
  below(end: number): number;
  /** Returns one of `choices`. */
  pick<T>(choices: readonly T[]): T;
}

/** Creates the generator mulberry32. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { next, below, pick: (choices) => choices[below(choices.length)]! };
}
