import { JobError } from "@slomo/core";

/** Whether all of a long list are numbers, none of them infinite. */
function areFinite(values: Float32Array): boolean {
  // One sum is enough: NaN and infinity go through every addition, and float32 numbers cannot overflow a float64.
  let sum = 0;
  for (const value of values) sum += value;
  return Number.isFinite(sum);
}

/** Values of one kind, and who made them. */
export interface MadeBy {
  /** What errors call the maker. */
  readonly label: string;
  /** What they are: `frame`, `flow`. */
  readonly what: string;
  /** The values. */
  readonly values: Float32Array;
}

/**
 * Refuses a frame that holds what is no number; the first maker in the chain whose values are not all numbers is named.
 *
 * @param frame What came out in the end.
 * @param before What it was made of, in the order of making; looked at only if the frame is bad.
 * @throws {JobError} If it holds NaN or an infinity.
 */
export async function checkNumbers(frame: MadeBy, before: () => Promise<readonly MadeBy[]>): Promise<void> {
  if (areFinite(frame.values)) return;
  const { label, what } = (await before()).find(({ values }) => !areFinite(values)) ?? frame;
  throw new JobError(`${label}: its ${what} holds values that are no numbers; its weights may be damaged or not fit`);
}
