import { JobError } from "@slomo/core";

/** Number of values that are added at once: V8 compiles a function that is called often sooner than one with a long loop. */
const BLOCK = 4096;

/** Returns the sum of the values from `start` on. */
function sumOf(values: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]!;
  return sum;
}

/** Returns whether all values are finite. */
function areFinite(values: Float32Array): boolean {
  // NaN and infinity persist in a sum, and a sum of float32 values does not overflow float64.
  let sum = 0;
  for (let i = 0; i < values.length; i += BLOCK) sum += sumOf(values, i, Math.min(values.length, i + BLOCK));
  return Number.isFinite(sum);
}

/** Values and the part that computed them. */
export interface PartOutput {
  /** Name of the part in error messages. */
  readonly label: string;
  /** Kind of the values: `frame` or `flow`. */
  readonly kind: string;
  /** The values. */
  readonly values: Float32Array;
}

/**
 * Checks that a frame has finite values only. The error names the first part whose output does not.
 *
 * @param frame The interpolated frame.
 * @param before Returns outputs of earlier parts, in order; called only if the check fails.
 * @throws {JobError} If it holds NaN or an infinity.
 */
export async function checkNumbers(frame: PartOutput, before: () => Promise<readonly PartOutput[]>): Promise<void> {
  if (areFinite(frame.values)) return;
  const { label, kind } = (await before()).find(({ values }) => !areFinite(values)) ?? frame;
  throw new JobError(
    `${label}: its ${kind} contains values that are not finite; its weights may be damaged or for another model`,
    { code: "not-finite" },
  );
}
