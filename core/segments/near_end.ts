/** Seconds that a process needs at most to prepare a segment: to read its plan, start a decoder, and decode up to its first frame. */
const PREPARATION = 3;

/**
 * Returns a function that receives the progress of a segment, and tells whether the next one should be prepared: whether the
 * rest takes less than 3 seconds. It answers `true` at the last frame at the latest.
 *
 * @param now Returns the time in milliseconds.
 *
 * @example
 * ```ts
 * import { createEndWatch } from "@slomo/core/segments";
 * import assert from "node:assert/strict";
 *
 * let time = 0;
 * const isNearEnd = createEndWatch(() => time);
 * assert.equal(isNearEnd(1, 100), false);
 * time = 90_000;
 * assert.equal(isNearEnd(91, 100), false);
 * time = 98_000;
 * assert.equal(isNearEnd(99, 100), true);
 * ```
 */
export function createEndWatch(now: () => number = () => performance.now()): (done: number, total: number) => boolean {
  let first: number | undefined;
  return (done, total) => {
    first ??= now();
    if (done >= total) return true;
    // Frames come in bursts, so the rate of the first ones says little.
    return 2 * done >= total && (total - done) * (now() - first) < 1000 * PREPARATION * done;
  };
}
