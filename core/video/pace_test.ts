import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { Pace, type PaceEstimate } from "./pace.ts";

/** Returns the estimates of a job of `pairs` pairs, each of which takes a second after 20 seconds of loading. */
function estimates(
  { pairs, factor, together = 1 }: { pairs: number; factor: number; together?: number },
): (PaceEstimate | undefined)[] {
  const pace = new Pace(), found: (PaceEstimate | undefined)[] = [], total = pairs * factor;
  for (let done = 1, interpolated = 0; done <= total; done++) {
    const pair = Math.floor((done - 1) / factor);
    if ((done - 1) % factor !== 0) interpolated++;
    // Writing a frame takes a millisecond.
    const time = 20 + together * Math.floor(pair / together + 1) + 1e-3 * ((done - 1) % factor);
    found.push(pace.after({ done, interpolated, total }, time));
  }
  return found;
}

Deno.test("Pace estimates nothing before the first pairs are done, and the remaining time afterwards", () => {
  for (const factor of [2, 8]) {
    const found = estimates({ pairs: 40, factor });
    equal(found.slice(0, 3 * factor), new Array(3 * factor).fill(undefined));
    found.slice(3 * factor).forEach((estimate, index) => {
      const remaining = 40 - (index + 1) / factor - 3;
      ok(estimate && Math.abs(estimate.left! - remaining) < 0.01 * remaining + 1e-6, `${estimate?.left} s`);
      ok(Math.abs(estimate.rate - factor) < 0.1, `${estimate.rate} frames per second`);
    });
  }
});

Deno.test("Pace smooths pairs that are done together", () => {
  const found = estimates({ pairs: 60, factor: 2, together: 2 }).slice(20);
  for (const estimate of found) ok(estimate!.rate > 1.6 && estimate!.rate < 2.6, `${estimate!.rate}`);
});

Deno.test("Pace measures videos in which no source frame appears, and unknown totals", () => {
  const pace = new Pace();
  const found = Array.from(
    { length: 80 },
    (_, i) => pace.after({ done: i + 1, interpolated: i + 1, total: undefined }, i / 10),
  );
  equal(found[20], undefined);
  ok(Math.abs(found[79]!.rate - 10) < 0.1 && found[79]!.left === undefined);
});
