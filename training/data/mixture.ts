import { UsageError } from "@slomo/core";

/** A source of training data and its share, as a command line or a configuration names it. */
export interface MixturePart {
  /** `synthetic`, or the folder of a data set. */
  readonly location: string;
  /** Share of the batches beside the others. */
  readonly weight: number;
}

/** The name of synthetic motion, among those of folders. */
export const SYNTHETIC = "synthetic";

/**
 * Reads `synthetic:0.4` or `folder:0.6`; without a number the weight is 1.
 *
 * @throws {UsageError} If the number is not above 0.
 */
export function parseMixturePart(text: string): MixturePart {
  const match = /^(.+):([^:/\\]*)$/.exec(text);
  if (match === null) return { location: text, weight: 1 };
  const [, location, number] = match as unknown as [string, string, string], weight = Number(number);
  if (number.trim() === "" || !Number.isFinite(weight) || weight <= 0) {
    throw new UsageError(`data "${text}": the weight must be a number above 0, got "${number}"; write ${location}:0.5`);
  }
  return { location, weight };
}
