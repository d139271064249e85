import type { HeapArray } from "./backend.ts";

/** Blocks below this length are copied number by number: a call that copies costs as much as some of these. */
const SHORT = 48;

/** Where blocks lie in an array: the first, and the distance from each to the next. */
export interface Blocks {
  /** The array. */
  readonly array: HeapArray;
  /** Index of the first block. */
  readonly start: number;
  /** From the start of one block to the start of the next. */
  readonly stride: number;
}

/** Copies `count` blocks of `length` numbers, as parts of rows into parts of other rows. */
export function copyBlocks(from: Blocks, to: Blocks, length: number, count: number): void {
  const source = from.array, target = to.array;
  if (length === from.stride && length === to.stride) {
    target.set(source.subarray(from.start, from.start + count * length), to.start);
    return;
  }
  let read = from.start, write = to.start;
  for (let block = 0; block < count; block++, read += from.stride, write += to.stride) {
    if (length < SHORT) { for (let i = 0; i < length; i++) target[write + i] = source[read + i]!; }
    else target.set(source.subarray(read, read + length), write);
  }
}
