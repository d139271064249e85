import type { Random } from "./random.ts";

/** Known optical flow between the frames of a sample, (dx, dy) in pixels, row by row, 2 · size² numbers each. */
export interface KnownFlow {
  /** F(0→1). */
  readonly forward: Float32Array<ArrayBuffer>;
  /** F(1→0). */
  readonly backward: Float32Array<ArrayBuffer>;
}

/** Two square frames, the ground-truth frames between them, and the flow if it is known. RGB in [0, 1], row by row. */
export interface Sample {
  /** Width and height in pixels. */
  readonly size: number;
  /** I0, 3 · size² numbers. */
  readonly first: Float32Array<ArrayBuffer>;
  /** I1. */
  readonly second: Float32Array<ArrayBuffer>;
  /** The frames at `times`. */
  readonly groundTruths: readonly Float32Array<ArrayBuffer>[];
  /** Time of each ground-truth frame, in (0, 1). */
  readonly times: readonly number[];
  /** Flow, if the source has it. */
  readonly flow?: KnownFlow | undefined;
}

/** A source of samples. */
export interface SampleSource {
  /**
   * Draws a sample, the same for the same stream of random numbers.
   *
   * @param size Width and height in pixels.
   * @param targets Number of ground-truth frames, 1 to 7.
   */
  draw(random: Random, size: number, targets: number): Sample;
}
