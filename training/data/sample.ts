import type { Random } from "./random.ts";

/** Known motion between the frames of a sample, (dx, dy) in pixels, row by row, 2 · size² numbers each. */
export interface KnownFlow {
  /** F(0→1). */
  readonly forward: Float32Array<ArrayBuffer>;
  /** F(1→0). */
  readonly backward: Float32Array<ArrayBuffer>;
}

/** Two square frames, the ground-truth frames between them, and the motion where it is known. RGB in [0, 1], row by row. */
export interface Sample {
  /** Pixels a side. */
  readonly size: number;
  /** I0, 3 · size² numbers. */
  readonly first: Float32Array<ArrayBuffer>;
  /** I1. */
  readonly second: Float32Array<ArrayBuffer>;
  /** The frames at `times`. */
  readonly groundTruths: readonly Float32Array<ArrayBuffer>[];
  /** In (0, 1), one a truth. */
  readonly times: readonly number[];
  /** Known from how the frames were made. */
  readonly flow?: KnownFlow | undefined;
}

/** Where samples come from. */
export interface SampleSource {
  /**
   * One sample, the same for the same stream of numbers.
   *
   * @param size Pixels a side.
   * @param targets Number of ground-truth frames, 1 to 7.
   */
  draw(random: Random, size: number, targets: number): Sample;
}
