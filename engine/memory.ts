import type { NetworkHints } from "@slomo/core";

/** Memory that one instance of a backend needs, as measured. */
export interface BackendMemory {
  /** Bytes for the backend and weights of usual size, independent of the size of the frames. */
  readonly fixed: number;
  /** Bytes that the backend holds for each byte that a network needs at its peak (`NetworkHints.memory`). */
  readonly factor: number;
}

/** Memory that one instance needs to interpolate a frame pair. */
export interface MemoryNeed {
  /** Bytes that do not depend on the size of the frames. */
  readonly fixed: number;
  /** Bytes per pixel of a frame. */
  readonly perPixel: number;
}

/** Bytes per pixel of a network without an estimate: those of an encoder-decoder network with 32 channels at full resolution. */
export const DEFAULT_BYTES_PER_PIXEL = 800;

/** The two networks of a frame pair, or their definitions. */
export interface NetworkParts {
  /** Absent if the manifest names none. */
  readonly flowEstimator?: NetworkHints | undefined;
  /** Creates the frames. */
  readonly interpolator: NetworkHints;
}

/**
 * Returns the memory that one instance of a backend needs for the networks of a frame pair: that of the larger one, since
 * they run one after the other.
 *
 * @param flowScale Resolution scale at which flow is estimated, in (0, 1].
 */
export function memoryNeed({ fixed, factor }: BackendMemory, parts: NetworkParts, flowScale = 1): MemoryNeed {
  const bytesOf = ({ memory }: NetworkHints) => memory?.bytesPerPixel ?? DEFAULT_BYTES_PER_PIXEL;
  const flow = parts.flowEstimator ? bytesOf(parts.flowEstimator) * flowScale ** 2 : 0;
  return { fixed, perPixel: factor * Math.max(flow, bytesOf(parts.interpolator)) };
}

/** Number of workers and size of tiles for the available memory. */
export interface MemoryPlan {
  /** Number of workers that fit into memory, at least 1. */
  readonly workers: number;
  /** Side of the tiles in pixels; `undefined` if whole frames fit. */
  readonly tile: number | undefined;
}

const MIB = 2 ** 20;

/**
 * Largest memory of one worker: frames of 1440p are interpolated whole, those of 4K in tiles. WebAssembly is limited to
 * 4 GiB, and some limits cannot be queried.
 */
const WORKER_LIMIT = 3 * 1024 * MIB;

/** Share of the free memory that is used; the rest is for other processes, such as the encoder. */
const USED_SHARE = 0.8;

/** Memory of the process before it computes: the runtime, codecs, the first frames. */
const BASE = 300 * MIB;

/** Bytes per pixel of the frames in the pipeline: about 30 frames of 3 bytes. */
const QUEUED_BYTES_PER_PIXEL = 90;

/** Most workers side by side that share the threads; encoders cannot keep up with more. */
const MOST_SIDE_BY_SIDE = 8;

/** Memory per CPU thread that workers side by side may take together: machines with more cores have more memory. */
const BYTES_PER_THREAD = 512 * MIB;

/** Sides of tiles, largest first: larger tiles overlap less. */
const TILES = [2048, 1536, 1024, 768, 512, 384] as const;

/** Returns the bytes that one worker needs for a pair of frames or tiles of `pixels`. */
export function memoryFor({ fixed, perPixel }: MemoryNeed, pixels: number): number {
  return fixed + perPixel * pixels;
}

/** Returns the bytes of the free memory that workers may use. */
const usable = (free: number, pixels: number) => free * USED_SHARE - BASE - QUEUED_BYTES_PER_PIXEL * pixels;

/**
 * Returns the number of workers that share CPU threads, at least 1: one for each `threadsPerWorker` threads, as far as memory
 * suffices.
 *
 * @param need Memory of one worker.
 * @param job Pixels of the frames and of the tiles, which are frames where there are none; free memory in bytes.
 */
export function workersSideBySide(
  need: MemoryNeed,
  { framePixels, tilePixels, threads, threadsPerWorker, free }: {
    readonly framePixels: number;
    readonly tilePixels: number;
    readonly threads: number;
    readonly threadsPerWorker: number;
    readonly free: number;
  },
): number {
  const wanted = Math.min(MOST_SIDE_BY_SIDE, Math.floor(threads / threadsPerWorker));
  const budget = Math.min(threads * BYTES_PER_THREAD, usable(free, framePixels));
  return Math.max(1, Math.min(wanted, Math.floor(budget / memoryFor(need, tilePixels))));
}

/**
 * Plans the number of workers and the size of tiles. If no whole frame fits, it takes the largest tiles with which all
 * workers fit, or else the largest with which one fits.
 *
 * @param need Memory of one worker.
 * @param job Size of the frames in pixels, wanted number of workers, free memory in bytes.
 */
export function planMemory(
  need: MemoryNeed,
  job: { readonly width: number; readonly height: number; readonly workers: number; readonly free: number },
): MemoryPlan {
  const pixels = job.width * job.height, budget = usable(job.free, pixels);
  const fits = (part: number): number => {
    const bytes = memoryFor(need, part);
    return bytes > WORKER_LIMIT ? 0 : Math.min(job.workers, Math.floor(budget / bytes));
  };
  if (fits(pixels) >= 1) return { workers: fits(pixels), tile: undefined };
  const smaller = TILES.filter((tile) => tile < Math.max(job.width, job.height));
  const tile = smaller.find((side) => fits(side ** 2) >= job.workers) ?? smaller.find((side) => fits(side ** 2) >= 1) ??
    smaller.at(-1);
  return { workers: Math.max(1, tile === undefined ? 0 : fits(tile ** 2)), tile };
}
