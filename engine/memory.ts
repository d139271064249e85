/** How much memory one thread of a backend takes to fill a pair with the shipped model, as measured. */
export interface MemoryNeed {
  /** Bytes whatever the frames' size: weights, the backend itself. */
  readonly fixed: number;
  /** Bytes for each pixel of a frame. */
  readonly perPixel: number;
}

/** How a job is cut to the memory that there is. */
export interface MemoryPlan {
  /** Threads that there is memory for, 1 or more. */
  readonly workers: number;
  /** Side of the tiles that frames must be cut into; `undefined` where they need not. */
  readonly tile: number | undefined;
}

const MIB = 2 ** 20;

/**
 * What a thread takes at most of itself: frames of 1440p are filled whole, those of 4K in tiles. WebAssembly has 4 GiB, and
 * some limits are not seen from within.
 */
const MOST = 3 * 1024 * MIB;

/** Share of the free memory that is used: others want some too, and the encoder is one of them. */
const USED_SHARE = 0.8;

/** What the process takes before it computes: the runtime, codecs, the first frames. */
const BASE = 300 * MIB;

/** Bytes for each pixel of the frames that wait to be looked at, filled or written: some thirty of 3 bytes. */
const WAITING = 90;

/** Sides of tiles, the largest first: the larger, the less is computed twice. */
const TILES = [2048, 1536, 1024, 768, 512, 384] as const;

/** Bytes that a thread takes to fill a pair of `pixels`. */
export function memoryFor({ fixed, perPixel }: MemoryNeed, pixels: number): number {
  return fixed + perPixel * pixels;
}

/**
 * How many threads fit into the free memory, and whether they do only with frames cut into tiles: then in the largest with
 * which all threads fit, or else one does.
 *
 * @param need Of one thread.
 * @param job Size of the frames in pixels, threads that are wanted, free memory in bytes.
 */
export function planMemory(
  need: MemoryNeed,
  job: { readonly width: number; readonly height: number; readonly workers: number; readonly free: number },
): MemoryPlan {
  const pixels = job.width * job.height, budget = job.free * USED_SHARE - BASE - WAITING * pixels;
  const fits = (part: number): number => {
    const bytes = memoryFor(need, part);
    return bytes > MOST ? 0 : Math.min(job.workers, Math.floor(budget / bytes));
  };
  if (fits(pixels) >= 1) return { workers: fits(pixels), tile: undefined };
  const smaller = TILES.filter((tile) => tile < Math.max(job.width, job.height));
  const tile = smaller.find((side) => fits(side ** 2) >= job.workers) ?? smaller.find((side) => fits(side ** 2) >= 1) ??
    smaller.at(-1);
  return { workers: Math.max(1, tile === undefined ? 0 : fits(tile ** 2)), tile };
}
