import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { type Image, JobError } from "@slomo/core";
import { testEachFfmpeg, testFfmpegs } from "../_testing.ts";
import { minterpolate, minterpolateDoubler } from "./minterpolate.ts";

const WIDTH = 96, HEIGHT = 64;

/** Returns a smooth texture, moved by `x` pixels to the right. */
function pan(x: number): Image {
  const planes = [0, 30, 60].map((phase) =>
    Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
      const u = i % WIDTH - x, v = Math.floor(i / WIDTH);
      return 128 + 50 * Math.sin(u / 5 + Math.sin(v / 7)) + 50 * Math.sin((v + phase) / 4 + u / 11);
    })
  );
  const format = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width: WIDTH, height: HEIGHT, format, color: { range: "full" }, planes };
}

async function* video(...frames: Image[]): AsyncGenerator<Image> {
  for (const frame of frames) yield await Promise.resolve(frame);
}

/** Returns the mean distance over the three planes. */
function distance(a: Image, b: Image): number {
  let sum = 0;
  a.planes.forEach((plane, c) => plane.forEach((level, i) => sum += Math.abs(level - b.planes[c]![i]!)));
  return sum / (3 * WIDTH * HEIGHT);
}

testEachFfmpeg(await testFfmpegs(), "minterpolate() interpolates a pan halfway", async (tools) => {
  const path = [10, 10, 18, 26, 34, 34, 34].map(pan);
  const doubler = minterpolateDoubler(() => Promise.resolve(tools));
  ok((await doubler.describe()).startsWith(`ffmpeg ${tools.version.text}, minterpolate=mi_mode=mci`));
  const made = await Array.fromAsync(doubler.double(video(...path)));
  equal(made.every(({ width, height }) => width === WIDTH && height === HEIGHT), true);
  for (const x of [14, 22]) {
    const groundTruth = pan(x), best = Math.min(...made.map((frame) => distance(frame, groundTruth)));
    const still = distance(pan(x - 4), groundTruth);
    ok(best < 0.7 * still, `${x}: ${best} and ${still} without motion`);
  }
});

testEachFfmpeg(
  await testFfmpegs(),
  "minterpolate() ends if its input fails, or the iteration ends early",
  async (tools) => {
    await rejects(Array.fromAsync(minterpolate(tools, video(pan(10), { ...pan(10), width: 32 }))), (error) => {
      ok(error instanceof JobError && /one size, got 96×64 and 32×64/.test(error.message), `${error}`);
      return true;
    });
    for await (const frame of minterpolate(tools, video(...[10, 11, 12, 13, 14, 15].map(pan)))) {
      equal(frame.width, WIDTH);
      break;
    }
    equal(await Array.fromAsync(minterpolate(tools, video())), []);
    const gray: Image = { ...pan(0), format: { model: "gray", depth: 8, chroma: [1, 1], alpha: false } };
    await rejects(Array.fromAsync(minterpolate(tools, video(gray))), RangeError);
  },
);

testEachFfmpeg(await testFfmpegs(), "minterpolate() stops when it is aborted", async (tools) => {
  const stop = new AbortController();
  async function* endless(): AsyncGenerator<Image> {
    for (let i = 0;; i++) {
      if (i === 8) stop.abort();
      yield await Promise.resolve(pan(10 + i % 20));
    }
  }
  await rejects(Array.fromAsync(minterpolate(tools, endless(), stop.signal)), { name: "AbortError" });
});
