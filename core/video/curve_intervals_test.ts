import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { Frame } from "../contracts/frame.ts";
import { functionCurve, parseSlow, type Retime, retimeCurve, slowCurve, type TimeCurve } from "../retime/mod.ts";
import { add, compare, divide, multiply, type Rational, rational, subtract, toNumber } from "../time/rational.ts";
import { blendingEngine, flat, levelOf, memoryMedia } from "./_testing.ts";
import { type FrameReader, interpolate, type InterpolateOptions } from "./interpolate.ts";
import { prepareJob } from "./prepare_job.ts";
import { runJob } from "./run_job.ts";
import { surveyJob } from "./survey_job.ts";
import { timeOf } from "./timeline.ts";

/** Frames per second of the source; the intensity level of a frame tells its time: 10 levels per frame. */
const RATE = 10;
const LEVELS = Array.from({ length: 26 }, (_, i) => 10 * i);

const fromTicks = (ticks: readonly number[], levels = LEVELS): FrameReader =>
  async function* (start) {
    for (const [i, tick] of ticks.entries()) {
      const frame: Frame = { pts: BigInt(tick), timebase: rational(1, 100), image: flat(levels[i]!), facts: {} };
      if (!start || compare(subtract(timeOf(frame), rational(ticks[0]!, 100)), start) >= 0) yield frame;
      await Promise.resolve();
    }
  };

type Options = Omit<InterpolateOptions, "engine" | "sampling">;

/** Returns the time of the source, in seconds, that each output frame shows by its level, and checks the output times. */
async function shown(
  curve: TimeCurve,
  fps: Rational,
  read: FrameReader = source(),
  options: Options = {},
): Promise<number[]> {
  const engine = blendingEngine(), sampling = { kind: "curve" as const, curve, fps };
  const all = await Array.fromAsync(interpolate(read, { engine, sampling, cuts: false, ...options }));
  const first = timeOf(all[0]!);
  all.forEach((frame, i) => equal(timeOf(frame), add(first, divide(rational(i), fps))));
  return all.map(({ image }) => levelOf(image) / (10 * RATE));
}

/** 26 frames at 10 frames per second, from 3 s on. */
const source = () => fromTicks(LEVELS.map((_, i) => 300 + 10 * i));

/** Checks that frames show what the curve says, to the precision of the levels. */
function checkShown(found: readonly number[], curve: TimeCurve, fps: Rational, skip = rational(0), last = 2.5): void {
  for (const [i, time] of found.entries()) {
    const exact = toNumber(curve.at(add(skip, divide(rational(i), fps)))!), held = Math.min(exact, last);
    ok(Math.abs(time - held) <= 0.0051, `frame ${i} shows ${time} s instead of ${held} s`);
  }
}

const position = (...keys: [output: number, source: number][]): Retime => ({
  position: keys.map(([output, source]) => ({ output, source })),
});

Deno.test("frames show the time of the curve, at the source's rate and at others", async () => {
  const curve = slowCurve([parseSlow("0.7-1.2=4"), parseSlow("1.9-2.3=0.5")], rational(3, 10));
  for (const fps of [rational(RATE), rational(24000, 1001), rational(4)]) {
    const found = await shown(curve, fps);
    checkShown(found, curve, fps);
    const length = toNumber(curve.reach(rational(26, 10)));
    equal(found.length, Math.ceil(length * toNumber(fps) - 1e-9));
  }
});

Deno.test("source frames within a thousandth of a frame pass through untouched", async () => {
  const frames = await Array.fromAsync(source()(undefined));
  const near = functionCurve((time) => add(time, rational(1, 11_000)));
  const before = functionCurve((time) => time.num === 0n ? time : subtract(time, rational(1, 11_000)));
  // The one that is behind still shows the last frame when the other has ended.
  for (const [curve, count] of [[near, 26], [before, 27]] as const) {
    const sampling = { kind: "curve" as const, curve, fps: rational(RATE) }, engine = blendingEngine();
    const found = await Array.fromAsync(
      interpolate(() => frames.values() as unknown as AsyncIterable<Frame>, { engine, sampling, cuts: false }),
    );
    equal([found.length, engine.jobs], [count, 0]);
    found.slice(0, 26).forEach(({ image, facts }, i) => ok(image === frames[i]!.image && !facts.interpolated));
  }
});

Deno.test("any rate below the source's interpolates where no source frame lies, and drops the rest", async () => {
  const engine = blendingEngine(), fps = rational(4), read = source();
  const found = await Array.fromAsync(
    interpolate(read(undefined), { engine, sampling: { kind: "fps", fps }, cuts: false }),
  );
  equal(found.map(({ image }) => levelOf(image)), [0, 25, 50, 75, 100, 125, 150, 175, 200, 225, 250]);
  equal(found.map((frame) => toNumber(timeOf(frame))), found.map((_, i) => 3 + i / 4));
  const few = await Array.fromAsync(
    interpolate(read(undefined), { engine, sampling: { kind: "fps", fps: rational(7, 10) }, cuts: false }),
  );
  equal(few.map(({ image }) => levelOf(image)), [0, 143]);
});

Deno.test("a variable frame rate keeps its times under a curve", async () => {
  const ticks = [0, 10, 14, 30, 31, 50, 70, 80, 90, 105, 120, 150], levels = ticks;
  const curve = slowCurve([parseSlow("0.3-0.8=3")]), fps = rational(30);
  const engine = blendingEngine(), sampling = { kind: "curve" as const, curve, fps };
  const found = await Array.fromAsync(interpolate(fromTicks(ticks, levels), { engine, sampling, cuts: false }));
  for (const [i, { image }] of found.entries()) {
    const exact = Math.min(toNumber(curve.at(rational(i, 30))!), 1.5);
    ok(Math.abs(levelOf(image) / 100 - exact) <= 0.0051, `frame ${i}: ${levelOf(image)} instead of ${exact}`);
  }
});

Deno.test("a held frame is computed once", async () => {
  const curve = retimeCurve({ speed: [{ at: 0, speed: 1 }, { at: 0.55, speed: 1, hold: 2 }] });
  const engine = blendingEngine(), sampling = { kind: "curve" as const, curve, fps: rational(RATE) };
  let times = 0;
  const run = engine.run.bind(engine);
  engine.run = (job, signal) => {
    times += job.times.length;
    return run(job, signal);
  };
  const found = (await Array.fromAsync(interpolate(source(), { engine, sampling, cuts: false }))).map(({ image }) =>
    levelOf(image)
  );
  equal(found.slice(4, 8).concat(found.slice(24, 28)), [40, 50, 55, 55, 55, 55, 60, 70]);
  equal([found.length, times, found.filter((level) => level === 55).length], [46, 1, 20]);
});

Deno.test("curves play backward, also from the middle and in small chunks, and end where they say", async () => {
  const fps = rational(25),
    curves = [
      position([0, 2.5], [2.5, 0]),
      position([0, 0.5], [1, 2.05], [3, 0.35], [3.5, 1.2]),
      position([0, 1], [1, 1], [1.5, 0.2], [2, 0.2], [2.25, 2.4], [2.5, 0]),
      position([0, 1.23], [2, 2.3]),
      position([0, 2], [1, 2.5], [2, 2.5]),
    ].map(retimeCurve);
  for (const curve of curves) {
    const found = await shown(curve, fps);
    equal(found.length, Math.ceil(toNumber(multiply(curve.length!, fps))));
    checkShown(found, curve, fps);
  }
});

Deno.test("playing backward holds a bounded number of frames", async () => {
  // Frames of 16 MiB: chunks hold 32 of them.
  const levels = Array.from({ length: 120 }, (_, i) => i), big = flat(0, 4096, 4096), starts: number[] = [];
  let held = 0, most = 0;
  const registry = new Map<Frame, boolean>();
  const read: FrameReader = async function* (start) {
    starts.push(start ? toNumber(start) : 0);
    for (const [i] of levels.entries()) {
      if (start && i / 10 < toNumber(start)) continue;
      const frame: Frame = {
        pts: BigInt(i),
        timebase: rational(1, 10),
        duration: 1n,
        image: { ...big, color: { matrix: `${i}` } },
        facts: {},
      };
      registry.set(frame, true);
      most = Math.max(most, ++held);
      yield frame;
      await Promise.resolve();
    }
  };
  const curve = retimeCurve(position([0, 11.9], [11.9, 0])),
    sampling = { kind: "curve" as const, curve, fps: rational(10) };
  const found: number[] = [];
  const options = { engine: blendingEngine(), sampling, cuts: false as const, duplicates: "keep" as const };
  for await (const { image } of interpolate(read, options)) found.push(Number(image.color.matrix));
  equal(found, levels.toReversed().slice(0, 119));
  // Chunks of 3.2 s, each read from a second before on.
  equal(starts.map((start) => Math.round(10 * start)), [0, 77, 45, 13, 0]);
});

Deno.test("frames of a program cannot play backward", async () => {
  const sampling = { kind: "curve" as const, curve: retimeCurve(position([0, 1], [1, 0])), fps: rational(25) };
  const frames = interpolate(source()(undefined), { engine: blendingEngine(), sampling });
  await rejects(Array.fromAsync(frames), { name: "UsageError", option: "retime", message: /must come from a file/ });
});

Deno.test("scene cuts and duplicates are found in each direction", async () => {
  const levels = [0, 0, 20, 30, 40, 200, 200, 220, 230, 240, 250];
  const marked: FrameReader = async function* (start) {
    let i = 0;
    for await (const frame of fromTicks(levels.map((_, i) => 10 * i), levels)(start)) {
      i++;
      yield levelOf(frame.image) === 200 && timeOf(frame).num * 2n === timeOf(frame).den
        ? { ...frame, facts: { cut: true } }
        : frame;
    }
  };
  const engine = blendingEngine(), fps = rational(20);
  const run = async (retime: Retime) => {
    const sampling = { kind: "curve" as const, curve: retimeCurve(retime), fps };
    return (await Array.fromAsync(interpolate(marked, { engine, sampling, cuts: false }))).map(({ image }) =>
      levelOf(image)
    );
  };
  const forth = await run(position([0, 0], [0.95, 0.95])), back = await run(position([0, 0.95], [0.95, 0], [1, 0]));
  equal(forth, [0, 5, 10, 15, 20, 25, 30, 35, 40, 200, 200, 205, 210, 215, 220, 225, 230, 235, 240]);
  equal(back.slice(1, 20), forth.toReversed());
});

Deno.test("a job follows a curve, keeps the source's rate, and gives the target the curve of other streams", async () => {
  const curve = slowCurve([parseSlow("0.2-0.4=4")], rational(0));
  const memory = memoryMedia({ levels: LEVELS, rate: rational(RATE) }), sampling = { kind: "curve" as const, curve };
  const job = await prepareJob({ input: "in", output: "out", frames: { sampling, cuts: false } }, [memory.media]);
  const points = memory.planned[0]!.copy!.retime!.points.map((
    { output, source },
  ) => [toNumber(output), toNumber(source)]);
  equal(points, [[0, 0], [0.2, 0.2], [1, 0.4], [2, 1.4]]);
  equal([job.write.rate, job.expectedFrames, memory.planned[0]!.copy!.audio], [rational(10), 32, "stretch"]);
  const survey = await surveyJob(job, blendingEngine());
  equal([survey.outputFrames, survey.sourceFrames], [32, 26]);
  const summary = await runJob(job, blendingEngine());
  equal(summary.written, 32);
  equal(memory.written.map(({ image }) => levelOf(image)).slice(0, 12), [
    0,
    10,
    20,
    23,
    25,
    28,
    30,
    33,
    35,
    38,
    40,
    50,
  ]);
  for (const finished of [1, 9, 31]) {
    const again = memoryMedia({ levels: LEVELS, rate: rational(RATE), finished });
    const job = await prepareJob({ input: "in", output: "out", frames: { sampling, cuts: false } }, [again.media]);
    await runJob(job, blendingEngine());
    equal(again.written.map(({ pts }) => pts), memory.written.map(({ pts }) => pts));
    equal(
      again.written.slice(finished).map(({ image }) => levelOf(image)),
      memory.written.slice(finished).map(({ image }) => levelOf(image)),
    );
  }
});

Deno.test("a part of a curve begins within it", async () => {
  const curve = slowCurve([parseSlow("0.5-1.5=4")]), [start, end] = [rational(3, 10), rational(9, 5)];
  const memory = memoryMedia({ levels: LEVELS, rate: rational(RATE) }), sampling = { kind: "curve" as const, curve };
  const job = await prepareJob({ input: "in", output: "out", start, end, frames: { sampling, cuts: false } }, [
    memory.media,
  ]);
  await runJob(job, blendingEngine());
  checkShown(
    memory.written.map(({ image }) => levelOf(image) / 100),
    curve,
    rational(RATE),
    curve.reach(start),
    1.7,
  );
  const length = toNumber(subtract(curve.reach(end), curve.reach(start)));
  ok(Math.abs(memory.written.length - length * RATE) <= 1, `${memory.written.length} frames in ${length} s`);
  equal(job.expectedFrames, Math.round(length * RATE));
});

Deno.test("a job plays backward, and resumes there", async () => {
  const curve = retimeCurve(position([0, 0.5], [1, 2.05], [3, 0.35], [3.5, 1.2])),
    sampling = { kind: "curve" as const, curve };
  const render = async (finished: number) => {
    const memory = memoryMedia({ levels: LEVELS, rate: rational(RATE), finished });
    const job = await prepareJob({ input: "in", output: "out", frames: { sampling, cuts: false } }, [memory.media]);
    const { copy } = memory.planned[0]!;
    equal([copy!.start, copy!.end].map((time) => time && toNumber(time)), [0.5, 2.05]);
    equal(job.expectedFrames, 35);
    await runJob(job, blendingEngine());
    return memory.written;
  };
  const whole = await render(0);
  checkShown(whole.map(({ image }) => levelOf(image) / 100), curve, rational(RATE));
  for (const finished of [5, 20, 33]) {
    const resumed = await render(finished);
    equal(resumed.map(({ pts }) => pts), whole.map(({ pts }) => pts));
    equal(
      resumed.slice(finished).map(({ image }) => levelOf(image)),
      whole.slice(finished).map(({ image }) => levelOf(image)),
    );
  }
});

Deno.test("prepareJob() refuses curves that the source or other options do not allow", async () => {
  const slow = slowCurve([parseSlow("1-9=2")]), back = retimeCurve(position([0, 2], [1, 0]));
  const refuses = async (curve: TimeCurve, options: object, message: RegExp, audio = false) => {
    const { media } = memoryMedia({ levels: LEVELS, rate: rational(RATE) }), { open, ...source } = media.source!;
    const sounding = {
      ...media,
      source: {
        ...source,
        open: async (location: string) => {
          const reader = await open(location),
            streams = audio ? [{ index: 1, kind: "audio" as const, codec: "aac" }] : [];
          return { ...reader, info: { ...reader.info, streams } };
        },
      },
    };
    const frames = { sampling: { kind: "curve" as const, curve }, ...options };
    await rejects(prepareJob({ input: "in", output: "out", ...options, frames }, [sounding]), {
      name: "UsageError",
      message,
    });
  };
  await refuses(slow, {}, /`slow`: 1-9=2 is beyond the end of in, which lasts 2\.6 s/);
  await refuses(slowCurve([parseSlow("1-2=2")]), { slowMotion: true }, /`slow` sets the speed itself.*`slowMotion`/);
  await refuses(back, { start: rational(1) }, /cannot be combined with `start` and `end`/);
  await refuses(back, { loop: true }, /cannot be combined with `loop`/);
  await refuses(back, {}, /in: cannot play its audio backward; set `audio`/, true);
});
