import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { PairEngine } from "../contracts/engine.ts";
import type { Frame, Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { rational } from "../time/rational.ts";
import { interpolate, type InterpolateOptions } from "./interpolate.ts";
import { blendingEngine, flat, levelOf, video } from "./_testing.ts";

const factor = (num: number, den = 1) => ({ kind: "factor" as const, factor: rational(num, den) });

async function levels(frames: AsyncIterable<Frame>, options: InterpolateOptions): Promise<number[]> {
  return (await Array.fromAsync(interpolate(frames, { cuts: false, ...options }))).map(({ image }) => levelOf(image));
}

Deno.test("interpolate() inserts interpolated frames between unchanged source frames", async () => {
  const engine = blendingEngine();
  equal(await levels(video([0, 40, 80]), { engine, sampling: factor(4) }), [
    0,
    10,
    20,
    30,
    40,
    50,
    60,
    70,
    80,
    80,
    80,
    80,
  ]);
  equal(engine.jobs, 2);
  equal(await levels(video([0, 40, 80]), { engine, sampling: factor(2), holdLast: false }), [0, 20, 40, 60, 80]);
  equal(await levels(video([0, 40, 80]), { engine, sampling: factor(2), loop: true }), [0, 20, 40, 60, 80, 40]);
  equal(await levels(video([7]), { engine, sampling: factor(2) }), [7, 7]);
  equal(await levels(video([]), { engine, sampling: factor(2) }), []);
});

Deno.test("interpolate() marks interpolated frames with their time", async () => {
  const frames = await Array.fromAsync(
    interpolate(video([0, 40]), { engine: blendingEngine(), sampling: factor(4), cuts: false }),
  );
  equal(frames.slice(0, 4).map(({ facts }) => facts.interpolated?.t), [undefined, 0.25, 0.5, 0.75]);
  equal(frames.map(({ pts }) => pts), [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  equal(frames[0]!.timebase, rational(1, 100));
});

Deno.test("interpolate() keeps the order if later pairs are done first", async () => {
  const engine = blendingEngine({ parallel: 4, delay: (job) => 9 - levelOf(job.first) / 10 });
  const out = await levels(video([0, 10, 20, 30, 40, 50, 60, 70, 80]), {
    engine,
    sampling: factor(2),
    holdLast: false,
  });
  equal(out, Array.from({ length: 17 }, (_, i) => 5 * i));
});

Deno.test("interpolate() reads at most two pairs more than the engine runs at once", async () => {
  const engine = blendingEngine({ parallel: 2, delay: () => 3 });
  let read = 0, most = 0;
  async function* counted() {
    for await (const frame of video(Array.from({ length: 40 }, (_, i) => i))) {
      read++;
      yield frame;
    }
  }
  let written = 0;
  for await (const { facts } of interpolate(counted(), { engine, sampling: factor(2), cuts: false })) {
    if (!facts.interpolated) written++;
    most = Math.max(most, read - written);
  }
  ok(engine.most <= 4, `${engine.most} at once`);
  ok(most <= 5, `${most} frames ahead`);
});

Deno.test("interpolate() repeats the nearer frame at a cut", async () => {
  async function* cut() {
    for await (const frame of video([10, 20, 200, 210])) {
      yield frame.pts === 2n ? { ...frame, facts: { cut: true } } : frame;
    }
  }
  const engine = blendingEngine();
  const out = await levels(cut(), { engine, sampling: factor(4), holdLast: false });
  equal(out, [10, 13, 15, 18, 20, 20, 200, 200, 200, 203, 205, 208, 210]);
});

Deno.test("interpolate() stops when aborted, also during a pair, and closes its source", async () => {
  const stop = new AbortController();
  let closed = false;
  async function* source() {
    try {
      yield* video([0, 10, 20, 30, 40, 50]);
    } finally {
      closed = true;
    }
  }
  const delay = () => {
    queueMicrotask(() => stop.abort(new Error("enough")));
    return 50;
  };
  const engine = blendingEngine({ delay });
  await rejects(levels(source(), { engine, sampling: factor(2), signal: stop.signal }), /enough/);
  equal([closed, engine.running, engine.jobs > 0], [true, 0, true]);
});

Deno.test("interpolate() stops the engine when the iteration ends early", async () => {
  const engine = blendingEngine({ delay: () => 20 });
  for await (const frame of interpolate(video([0, 10, 20, 30]), { engine, sampling: factor(2), cuts: false })) {
    if (frame.facts.interpolated) break;
  }
  equal(engine.running, 0);
});

Deno.test("interpolate() refuses a frame of another size and drops one whose timestamp does not increase", async () => {
  async function* mixed() {
    for await (const frame of video([0, 1])) yield frame.pts === 1n ? { ...frame, image: flat(0, 6, 2) } : frame;
  }
  await rejects(
    levels(mixed(), { engine: blendingEngine(), sampling: factor(2) }),
    (error) => error instanceof UsageError && /4×2/.test(error.message) && /6×2/.test(error.message),
  );
  async function* stuck() {
    for await (const frame of video([0, 10, 20])) yield { ...frame, pts: frame.pts === 1n ? 0n : frame.pts };
  }
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  equal(await levels(stuck(), { engine: blendingEngine(), sampling: factor(2), holdLast: false, onWarning }), [
    0,
    10,
    20,
  ]);
  equal(warnings.length, 1);
});

/** Returns an engine that loses the content of the frames. */
const flatEngine = (level: number, width: number, height: number): PairEngine => ({
  ...blendingEngine(),
  run: ({ times }) => Promise.resolve({ images: times.map(() => flat(level, width, height)), timing: {} }),
});

Deno.test("interpolate() copies regions that are bit-equal in both source frames", async () => {
  const stripes = (level: number): Image => {
    const image = flat(level, 64, 32), plane = image.planes[0]!.slice();
    for (let i = 0; i < plane.length; i++) if (i % 64 < 32) plane[i] = i % 8 < 4 ? 60 : 180;
    return { ...image, planes: [plane] };
  };
  async function* source() {
    for await (const frame of video([0, 40, 80])) yield { ...frame, image: stripes(levelOf(frame.image)) };
  }
  const engine = flatEngine(7, 64, 32);
  const options = { engine, sampling: factor(2), cuts: false, holdLast: false } as const;
  let interpolated = 0;
  for await (const { facts, image: { planes: [plane] } } of interpolate(source(), options)) {
    if (!facts.interpolated) continue;
    interpolated++;
    const row = plane!.subarray(64 * 15, 64 * 16);
    equal([...row.subarray(8, 24)], [...stripes(0).planes[0]!.subarray(8, 24)]);
    ok(row.subarray(32).every((value) => value === 7));
  }
  equal(interpolated, 2);
});

Deno.test("interpolate() restores patterns that move", async () => {
  const stripes = (moved: number): Image => {
    const image = flat(0, 64, 48), plane = image.planes[0]!.map((_, i) => (i % 64 - moved + 64) % 8 < 4 ? 60 : 180);
    return { ...image, planes: [plane] };
  };
  async function* source() {
    for await (const frame of video([0, 2, 4])) yield { ...frame, image: stripes(levelOf(frame.image)) };
  }
  const engine = flatEngine(7, 64, 48);
  const options = { engine, sampling: factor(2), cuts: false, duplicates: "keep", holdLast: false } as const;
  const rows: number[][] = [];
  for await (const { image: { planes: [plane] } } of interpolate(source(), options)) {
    rows.push([...plane!.subarray(64 * 24 + 8, 64 * 24 + 56)]);
  }
  equal(rows, [0, 1, 2, 3, 4].map((moved) => [...stripes(moved).planes[0]!.subarray(64 * 24 + 8, 64 * 24 + 56)]));
});

Deno.test("interpolate() adds grain to interpolated frames where asked", async () => {
  const grainy = (level: number): Image => {
    const image = flat(100, 64, 32), plane = image.planes[0]!.slice();
    for (let i = 0; i < plane.length; i++) plane[i] = 100 + Math.imul(i + level, 2654435761 | 0) % 13;
    return { ...image, planes: [plane] };
  };
  async function* source() {
    for await (const frame of video([0, 40, 80])) yield { ...frame, image: grainy(levelOf(frame.image)) };
  }
  const engine = flatEngine(100, 64, 32);
  for (const grain of [undefined, "match"] as const) {
    const options = { engine, sampling: factor(2), cuts: false, holdLast: false, grain } as const;
    for await (const { facts, image: { planes: [plane] } } of interpolate(source(), options)) {
      if (facts.interpolated) equal(new Set(plane).size > 5, grain === "match");
    }
  }
});

Deno.test("interpolate() with keepStill copies static pixels from the source frames", async () => {
  const half = (level: number): Image => {
    const image = flat(level, 16, 8), plane = image.planes[0]!.slice();
    // Noise of one intensity level.
    for (let i = 0; i < plane.length; i++) if (i % 16 < 8) plane[i] = 100 + (level / 40) % 2;
    return { ...image, planes: [plane] };
  };
  async function* source() {
    for await (const frame of video([0, 40, 80, 120])) yield { ...frame, image: half(levelOf(frame.image)) };
  }
  const engine = flatEngine(7, 16, 8);
  for (const [keepStill, left] of [[false, 7], [true, 101]] as const) {
    const options = { engine, sampling: factor(2), cuts: false, keepStill, holdLast: false } as const;
    for await (const { facts, image: { planes: [plane] } } of interpolate(source(), options)) {
      if (facts.interpolated) equal([plane![0], plane![7], plane![15]], [left, left, 7]);
    }
  }
});
