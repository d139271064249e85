import { deepStrictEqual as equal } from "node:assert/strict";
import type { Frame } from "../contracts/frame.ts";
import { type Rational, rational, toNumber } from "../time/rational.ts";
import { blendingEngine, flat, levelOf } from "./_testing.ts";
import { interpolate, type InterpolateOptions } from "./interpolate.ts";

/** Returns times in 1/100 s and intensity levels of the output of frames at `times`, whose level rises by 40 per frame. */
async function output(
  times: readonly number[],
  options: Partial<InterpolateOptions> & { readonly cutAt?: number } = {},
): Promise<[time: number, level: number][]> {
  const timebase = rational(1, 100);
  async function* frames(): AsyncGenerator<Frame> {
    for (const [index, time] of times.entries()) {
      const facts = { cut: index === options.cutAt, duplicate: false };
      yield { pts: BigInt(time), timebase, duration: 10n, image: flat(40 * index), facts };
    }
  }
  const sampling = { kind: "factor" as const, factor: rational(2) };
  const found: [number, number][] = [];
  for await (const frame of interpolate(frames(), { engine: blendingEngine(), sampling, cuts: false, ...options })) {
    found.push([100 * toNumber(frame.timebase) * Number(frame.pts), levelOf(frame.image)]);
  }
  return found;
}

Deno.test("interpolate() holds the first frame of a pause until a normal step before the second", async () => {
  const shown = await output([0, 10, 20, 520, 530]);
  equal(shown, [[0, 0], [5, 20], [10, 40], [15, 60], [20, 80], [270, 80], [520, 120], [525, 140], [530, 160], [
    535,
    160,
  ]]);
  const fps: Rational = rational(20);
  const regular = await output([0, 10, 20, 520, 530], { sampling: { kind: "fps", fps } });
  equal(regular.filter(([time]) => time >= 20 && time <= 510).every(([, level]) => level === 80), true);
  equal(regular.filter(([time]) => time > 510), [[515, 100], [520, 120], [525, 140], [530, 160], [535, 160]]);
});

Deno.test("interpolate() holds pauses near each other, at the start, and without filling duplicates", async () => {
  for (const duplicates of ["fill", "keep"] as const) {
    equal((await output([0, 300, 310, 320, 330], { duplicates }))[1], [150, 0]);
    const twice = await output([0, 10, 20, 220, 420, 430, 440], { duplicates });
    equal([twice[5], twice[7]], [[120, 80], [320, 120]]);
  }
});

Deno.test("interpolate() changes the shot at the end of a pause", async () => {
  const shown = await output([0, 10, 20, 520, 530], { cutAt: 3, sampling: { kind: "fps", fps: rational(20) } });
  equal(shown.filter(([time]) => time >= 510 && time <= 520), [[510, 80], [515, 120], [520, 120]]);
});

Deno.test("interpolate() fills a video that is slow throughout, and short gaps", async () => {
  equal((await output([0, 1000, 2000, 3000]))[1], [500, 20]);
  equal((await output([0, 1000]))[1], [500, 20]);
  equal((await output([0, 1000, 2100, 2900]))[3], [1550, 60]);
  equal((await output([0, 4, 8, 38, 42]))[5], [23, 100]);
});
