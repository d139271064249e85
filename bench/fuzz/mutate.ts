import type { Dice } from "./random.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Number of bytes at the beginning that include the header of most formats. */
const HEADER = 256;

/** Values that often break readers of sizes and offsets. */
const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

function join(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function flip(bytes: Bytes, { below, pick }: Dice, end: number): Bytes {
  const copy = bytes.slice();
  for (let left = pick([1, 2, 8, 64]); left > 0; left--) {
    const at = below(end);
    copy[at] = copy[at]! ^ (1 << below(8));
  }
  return copy;
}

function overwrite(bytes: Bytes, { below, pick }: Dice, end: number): Bytes {
  const copy = bytes.slice(), at = below(Math.max(1, end - 4)), size = pick([1, 2, 4]), value = pick(EXTREMES);
  for (let i = 0; i < size; i++) copy[at + i] = (value >>> (8 * (size - 1 - i))) & 255;
  return copy;
}

const WAYS: Readonly<Record<string, (bytes: Bytes, dice: Dice) => Bytes>> = {
  "truncated": (bytes, { below }) => bytes.slice(0, below(bytes.length)),
  "beginning removed": (bytes, { below }) => bytes.slice(1 + below(Math.min(bytes.length, 4096))),
  "bits flipped": (bytes, dice) => flip(bytes, dice, bytes.length),
  "header's bits flipped": (bytes, dice) => flip(bytes, dice, Math.min(HEADER, bytes.length)),
  "number overwritten": (bytes, dice) => overwrite(bytes, dice, bytes.length),
  "header's number overwritten": (bytes, dice) => overwrite(bytes, dice, Math.min(HEADER, bytes.length)),
  "hole of zeros": (bytes, { below }) => {
    const copy = bytes.slice(), at = below(bytes.length);
    return copy.fill(0, at, at + 1 + below(1024));
  },
  "piece removed": (bytes, { below }) => {
    const at = below(bytes.length);
    return join(bytes.subarray(0, at), bytes.subarray(at + 1 + below(512)));
  },
  "piece repeated": (bytes, { below }) => {
    const at = below(bytes.length), end = at + 1 + below(512);
    return join(bytes.subarray(0, end), bytes.subarray(at));
  },
  "noise inserted": (bytes, { below }) => {
    const at = below(bytes.length), noise = Uint8Array.from({ length: 1 + below(256) }, () => below(256));
    return join(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  "noise added everywhere": (bytes, { below }) => {
    const copy = bytes.slice();
    for (let left = bytes.length >> 6; left > 0; left--) copy[below(bytes.length)] = below(256);
    return copy;
  },
};

/** A damaged file. */
export interface Damaged {
  /** Its bytes. */
  readonly bytes: Bytes;
  /** Description of the damage. */
  readonly how: string;
}

/**
 * Damages a file in one or two ways, or replaces it by a file of another kind.
 *
 * @param others Files of other kinds.
 */
export function mutate(bytes: Bytes, others: readonly Bytes[], dice: Dice): Damaged {
  if (dice.below(25) === 0) return { bytes: dice.pick(others), how: "another kind of file" };
  const hows = Array.from({ length: dice.pick([1, 1, 2]) }, () => dice.pick(Object.keys(WAYS)));
  return {
    bytes: hows.reduce((damaged, how) => WAYS[how]!(damaged.length ? damaged : bytes, dice), bytes),
    how: hows.join(", "),
  };
}
