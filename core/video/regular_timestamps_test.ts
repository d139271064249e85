import { deepStrictEqual as equal } from "node:assert/strict";
import type { Frame, Image } from "../contracts/frame.ts";
import { multiply, type Rational, rational } from "../time/rational.ts";
import { regularizeTimestamps } from "./regular_timestamps.ts";
import { timeOf } from "./timeline.ts";

const VIDEO = rational(24000, 1001);

async function times(timestamps: readonly number[], timebase: Rational, rate = VIDEO): Promise<Rational[]> {
  async function* frames(): AsyncGenerator<Frame> {
    for (const pts of timestamps) {
      yield await Promise.resolve({ pts: BigInt(pts), timebase, image: {} as Image, facts: {} });
    }
  }
  return (await Array.fromAsync(regularizeTimestamps(frames(), rate))).map(timeOf);
}

Deno.test("regularizeTimestamps() undoes the rounding to milliseconds", async () => {
  const rounded = Array.from({ length: 50 }, (_, i) => Math.round(i * 1001 / 24));
  (await times(rounded, rational(1, 1000))).forEach((time, i) =>
    equal(time, multiply(rational(i), rational(1001, 24000)))
  );
});

Deno.test("regularizeTimestamps() keeps a start offset and gaps", async () => {
  const [first, , gap] = await times([517, 559, 1017], rational(1, 1000));
  equal(first, rational(517, 1000));
  equal(gap, rational(517n * 24000n + 12n * 1001n * 1000n, 24_000_000n));
});

Deno.test("regularizeTimestamps() keeps exact timestamps and those that do not fit the rate", async () => {
  equal(await times([0, 1001, 2002], rational(1, 24000)), [0, 1001, 2002].map((n) => rational(n, 24000)));
  equal((await times([0, 42, 60, 125], rational(1, 1000)))[2], rational(60, 1000));
});

Deno.test("regularizeTimestamps() moves only one frame to each exact timestamp", async () => {
  const found = await times([0, 42, 43, 83], rational(1, 1000));
  equal(found, [rational(0), rational(1001, 24000), rational(43, 1000), rational(1001, 12000)]);
});
