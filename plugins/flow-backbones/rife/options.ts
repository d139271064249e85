import { z } from "zod";

/** Options of networks of blocks. */
export interface BlockOptions {
  /** Channels of the blocks, coarse to fine, even numbers of 2 to 512. @default {[192, 128, 96, 64, …]} */
  readonly channels?: readonly number[] | undefined;
  /**
   * Factors by which the blocks reduce the frames, coarse to fine: powers of two up to 64, one for each block. Without a
   * block of factor 1, the flow is coarser, and the network faster. @default {[16, 8, 4, 2, …]}
   */
  readonly reductions?: readonly number[] | undefined;
}

/** Limit of the number of blocks. */
const MOST_BLOCKS = 8;

const reduction = z.int().min(1).max(64).refine((n) => Number.isInteger(Math.log2(n)), "must be a power of two");

/** Schemas of {@linkcode BlockOptions}, with defaults. */
export function blockOptions(
  { channels, reductions }: { readonly channels: readonly number[]; readonly reductions: readonly number[] },
) {
  return {
    channels: z.array(z.int().min(2).max(512).multipleOf(2)).min(1).max(MOST_BLOCKS).default([...channels]).describe(
      "Channels of the blocks, coarse to fine, even numbers.",
    ),
    reductions: z.array(reduction).min(1).max(MOST_BLOCKS).default([...reductions]).describe(
      "Factors by which the blocks reduce the frames, coarse to fine: powers of two, one for each block.",
    ),
  };
}

/**
 * Checks that channels and reductions belong together.
 *
 * @throws {RangeError} If not.
 */
export function requireBlocks(channels: readonly number[], reductions: readonly number[]): void {
  if (channels.length === reductions.length && reductions.every((n, i) => n <= reductions[Math.max(0, i - 1)]!)) return;
  throw new RangeError(
    "rife: channels and reductions must have one entry for each block, and no reduction may exceed the one before",
  );
}
