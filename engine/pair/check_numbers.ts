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
 * Checks that the output of a part has finite values only.
 *
 * @throws {JobError} If it holds NaN or an infinity.
 */
export function checkNumbers({ label, kind, values }: PartOutput): void {
  if (areFinite(values)) return;
  throw new JobError(
    `${label}: its ${kind} contains values that are not finite; its weights may be damaged or for another model`,
    { code: "not-finite" },
  );
}
