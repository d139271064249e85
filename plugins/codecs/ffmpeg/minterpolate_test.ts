import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { JobError } from "@slomo/core";
import { testEachFfmpeg, testFfmpegs } from "../testing/ffmpegs.ts";
import { minterpolate, type RgbFrame } from "./minterpolate.ts";

const WIDTH = 96, HEIGHT = 64;

/** A smooth texture that has moved `x` pixels to the right. */
function pan(x: number): RgbFrame {
  const levels = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => {
    const u = Math.floor(i / 3) % WIDTH - x, v = Math.floor(i / (3 * WIDTH));
    return 128 + 50 * Math.sin(u / 5 + Math.sin(v / 7)) + 50 * Math.sin(v / 4 + u / 11);
  });
  return { width: WIDTH, height: HEIGHT, levels };
}

async function* film(...frames: RgbFrame[]): AsyncGenerator<RgbFrame> {
  for (const frame of frames) yield await Promise.resolve(frame);
}

function distance(a: RgbFrame, b: RgbFrame): number {
  return a.levels.reduce((sum, level, i) => sum + Math.abs(level - b.levels[i]!), 0) / a.levels.length;
}

testEachFfmpeg(await testFfmpegs(), "minterpolate() moves a picture half-way", async (tools) => {
  const path = [10, 10, 18, 26, 34, 34, 34].map(pan);
  const made = await Array.fromAsync(minterpolate(tools, film(...path)));
  equal(made.every(({ width, height }) => width === WIDTH && height === HEIGHT), true);
  for (const x of [14, 22]) {
    const truth = pan(x), best = Math.min(...made.map((frame) => distance(frame, truth)));
    const still = distance(pan(x - 4), truth);
    ok(best < 0.7 * still, `${x}: ${best} and ${still} without motion`);
  }
});

testEachFfmpeg(
  await testFfmpegs(),
  "minterpolate() ends with its input's error, and when it is left",
  async (tools) => {
    await rejects(Array.fromAsync(minterpolate(tools, film(pan(10), { ...pan(10), width: 32 }))), (error) => {
      ok(error instanceof JobError && /one size, got 96×64 and 32×64/.test(error.message), `${error}`);
      return true;
    });
    for await (const frame of minterpolate(tools, film(...[10, 11, 12, 13, 14, 15].map(pan)))) {
      equal(frame.width, WIDTH);
      break;
    }
    equal(await Array.fromAsync(minterpolate(tools, film())), []);
  },
);

testEachFfmpeg(await testFfmpegs(), "minterpolate() stops when it is aborted", async (tools) => {
  const stop = new AbortController();
  async function* endless(): AsyncGenerator<RgbFrame> {
    for (let i = 0;; i++) {
      if (i === 8) stop.abort();
      yield await Promise.resolve(pan(10 + i % 20));
    }
  }
  await rejects(Array.fromAsync(minterpolate(tools, endless(), stop.signal)), { name: "AbortError" });
});
