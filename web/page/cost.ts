/** Texts about the cost of a conversion. */
import type { Cost } from "../shared/types.ts";
import { clock, size } from "./text.ts";

/** The cost of a conversion, or why it cannot be measured. */
export type Measured = Cost | { readonly problem: string };

/** Returns the estimated seconds of work for a number of frame pairs and interpolated frames. */
function secondsOfWork({ pair, frame, parallel }: Cost, pairs: number, interpolated: number): number {
  return (pairs * pair + interpolated * frame) / parallel;
}

/**
 * Returns the time and the memory that a conversion takes, as the page shows them.
 *
 * @param cost Its cost; `undefined` while it is measured.
 * @param counts Number of frame pairs and of interpolated frames, if they are known.
 */
export function costTexts(
  cost: Measured | undefined,
  counts: readonly [pairs: number, interpolated: number] | undefined,
): { readonly time: string | undefined; readonly memory: string | undefined } {
  if (!cost) return { time: counts && "measuring", memory: undefined };
  if ("problem" in cost) return { time: "unknown", memory: "unknown" };
  return {
    time: counts && `about ${clock(secondsOfWork(cost, ...counts))}`,
    memory: `about ${size(cost.memory)}`,
  };
}
