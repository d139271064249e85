import { JobError } from "@slomo/core";

/** The bits of the exponent of a float32 number: all of them are set in NaN and infinity. */
const EXPONENT = 0x7f800000;

/** Returns whether all values are finite. */
function areFinite({ buffer, byteOffset, length }: Float32Array): boolean {
  // Integers, because V8 may make an object for each number that it reads or adds until it has compiled the loop completely.
  const bits = new Int32Array(buffer, byteOffset, length);
  for (let i = 0; i < length; i++) if ((bits[i]! & EXPONENT) === EXPONENT) return false;
  return true;
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
