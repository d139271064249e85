import { deepStrictEqual as equal } from "node:assert/strict";
import { createEndWatch } from "./near_end.ts";

/** Returns after how many of 100 frames, which come in bursts, a segment is near its end. */
function nearEndAt(burst: number, secondsPerFrame: number): number {
  let time = 5000;
  const isNearEnd = createEndWatch(() => time);
  for (let done = 1; done <= 100; done++) {
    if ((done - 1) % burst === 0) time += 1000 * burst * secondsPerFrame;
    if (isNearEnd(done, 100)) return done;
  }
  return Infinity;
}

Deno.test("createEndWatch() tells when the rest of a segment takes less than three seconds", () => {
  equal(nearEndAt(1, 1), 97);
  equal(nearEndAt(1, 0.1), 70);
});

Deno.test("createEndWatch() tells it in the second half only, and at the last frame at the latest", () => {
  equal(nearEndAt(2, 0.01), 50);
  equal(nearEndAt(100, 1), 50);
  equal(nearEndAt(2, 60), 100);
});
