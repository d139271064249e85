import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import type { Frame } from "../contracts/frame.ts";
import { meanImage } from "../frames/mean_image.ts";
import { retimeCurve } from "../retime/mod.ts";
import { type Rational, rational } from "../time/rational.ts";
import { blendingEngine, flat, levelOf } from "./_testing.ts";
import { checkShutter, type FrameReader, interpolate, type InterpolateOptions } from "./interpolate.ts";
import type { Sampling } from "./timeline.ts";

/** Frames at 10 per second whose level tells their time, with a cut at 1 s. */
const source = (levels: readonly number[], cut = -1): FrameReader =>
  async function* (start) {
    for (const [i, level] of levels.entries()) {
      const frame: Frame = {
        pts: BigInt(i),
        timebase: rational(1, 10),
        duration: 1n,
        image: flat(level),
        facts: { cut: i === cut },
      };
      if (!start || i / 10 >= Number(start.num) / Number(start.den)) yield frame;
      await Promise.resolve();
    }
  };

const RISING = Array.from({ length: 21 }, (_, i) => 10 * i);

function run(read: FrameReader, sampling: Sampling, more: Partial<InterpolateOptions> = {}): Promise<Frame[]> {
  const options = { engine: blendingEngine(), sampling, cuts: false as const, duplicates: "keep" as const, ...more };
  return Array.fromAsync(interpolate(read, options));
}

const fps = (rate: number): Sampling => ({ kind: "fps", fps: rational(rate) });
const curve = (...keys: [number, number][]): Sampling => ({
  ...{ kind: "curve", fps: rational(10) },
  curve: retimeCurve({ position: keys.map(([output, source]) => ({ output, source })) }),
});

/** Returns the level of the mean light of levels from one to another, as `meanImage()` computes it. */
function meanLevel(from: number, to: number): number {
  const images = Array.from({ length: 201 }, (_, i) => flat(Math.round(from + (to - from) * i / 200)));
  return levelOf(meanImage(images));
}

Deno.test("a shutter integrates the light of its exposure, around the time of the frame", async () => {
  for (const angle of [90, 180, 360]) {
    const plain = await run(source(RISING), fps(4)), blurred = await run(source(RISING), fps(4), { shutter: angle });
    equal(blurred.map(({ pts }) => pts), plain.map(({ pts }) => pts));
    // An exposure of 360 degrees lasts a quarter of a second, in which the level rises by 25.
    const half = angle / 360 * 12.5;
    for (const i of [2, 5]) {
      const level = levelOf(plain[i]!.image), expected = meanLevel(level - half, level + half);
      ok(Math.abs(levelOf(blurred[i]!.image) - expected) <= 1, `${levelOf(blurred[i]!.image)} instead of ${expected}`);
      ok(blurred[i]!.facts.interpolated);
    }
  }
});

Deno.test("an exposure does not mix two shots, and a held frame is not changed", async () => {
  const shots = [...new Array(10).fill(0), ...new Array(10).fill(200)];
  const levels = (await run(source(shots, 10), fps(7), { shutter: 360 })).map(({ image }) => levelOf(image));
  equal(new Set(levels), new Set([0, 200]));
  const back = await run(source(shots, 10), curve([0, 1.9], [1.9, 0]), { shutter: 360 });
  equal(new Set(back.map(({ image }) => levelOf(image))), new Set([0, 200]));
  const held = await run(source(RISING), curve([0, 0.5], [1, 0.5], [2, 1.5]), { shutter: 180 });
  equal(
    held.slice(0, 10).map(({ image, facts }) => [levelOf(image), facts.interpolated]),
    new Array(10).fill([50, undefined]),
  );
});

Deno.test("a shutter works backward, and skips finished frames", async () => {
  const sampling = curve([0, 1.8], [1, 0.3], [2, 1.9]), whole = await run(source(RISING), sampling, { shutter: 180 });
  equal(whole.length, 20);
  const [down, up] = [
    levelOf(whole[5]!.image),
    levelOf((await run(source(RISING), curve([0, 0.3], [1, 1.8]), { shutter: 180 }))[5]!.image),
  ];
  ok(Math.abs(down - up) <= 1, `${down} backward, ${up} forward`);
  for (const skip of [1, 9, 19]) {
    const resumed = await run(source(RISING), sampling, { shutter: 180, skip });
    equal(resumed.map(({ pts }) => pts), whole.map(({ pts }) => pts));
    equal(resumed.slice(skip).map(({ image }) => levelOf(image)), whole.slice(skip).map(({ image }) => levelOf(image)));
  }
});

Deno.test("checkShutter() refuses wrong angles and samplings by factor", () => {
  const factor: Sampling = { kind: "factor", factor: rational(2) as Rational };
  throws(() => checkShutter({ sampling: fps(24), shutter: 361 }), {
    option: "shutter",
    message: /from 0 to 360 degrees, got 361/,
  });
  throws(
    () => checkShutter({ sampling: factor, shutter: 180 }),
    /needs a fixed frame rate: give `fps`, `slow` or `retime`/,
  );
  checkShutter({ sampling: factor, shutter: 0 });
  checkShutter({ sampling: fps(24), shutter: 360 });
});
