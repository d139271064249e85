import { UsageError } from "@slomo/core";

/** A data source and its weight, as a command line or a configuration names them. */
export interface MixturePart {
  /** `synthetic`, or the folder of a data set. */
  readonly location: string;
  /** Relative share of the batches. */
  readonly weight: number;
}

/** Name of the source of synthetic motion. */
export const SYNTHETIC = "synthetic";

/**
 * Parses `synthetic:0.4` or `folder:0.6`; the default weight is 1.
 *
 * @throws {UsageError} If the number is not above 0.
 */
export function parseMixturePart(text: string): MixturePart {
  const match = /^(.+):([^:/\\]*)$/.exec(text);
  if (match === null) return { location: text, weight: 1 };
  const [, location, number] = match as unknown as [string, string, string], weight = Number(number);
  if (number.trim() === "" || !Number.isFinite(weight) || weight <= 0) {
    throw new UsageError(
      `data "${text}": the weight must be a number above 0, got "${number}"; write ${location}:0.5, or ${text}:1 if the ` +
        "folder has this name",
      { option: "data" },
    );
  }
  return { location, weight };
}
