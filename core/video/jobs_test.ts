import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { UsageError } from "../errors.ts";
import { retimeCurve } from "../retime/mod.ts";
import { rational } from "../time/rational.ts";
import type { FrameOptions } from "./interpolate.ts";
import { type JobOptions, prepareJob } from "./prepare_job.ts";
import { beginReading, type JobEvent, runJob } from "./run_job.ts";
import { surveyJob } from "./survey_job.ts";
import { blendingEngine, levelOf, memoryMedia, type MemoryVideo } from "./_testing.ts";

const factor = (num: number, den = 1) => ({ kind: "factor" as const, factor: rational(num, den) });
const fps = (num: number, den = 1) => ({ kind: "fps" as const, fps: rational(num, den) });
const LEVELS = Array.from({ length: 8 }, (_, i) => 10 * i);

type Given = Partial<JobOptions> & Partial<FrameOptions>;

async function prepared(
  { sampling = factor(2), cuts = false, ...options }: Given = {},
  video: Partial<MemoryVideo> = {},
) {
  const memory = memoryMedia({ levels: LEVELS, ...video });
  const job = await prepareJob({ input: "in", output: "out", frames: { sampling, cuts }, ...options }, [memory.media]);
  return { ...memory, job };
}

const refuses = (options: Given, message: RegExp, video: Partial<MemoryVideo> = {}) =>
  rejects(prepared(options, video), (error) => error instanceof UsageError && message.test(error.message));

Deno.test("prepareJob() plans rate, time base, length and audio", async () => {
  const rate = rational(24000, 1001);
  const { job, planned: [smooth] } = await prepared({}, { rate });
  equal([smooth!.rate, smooth!.timebase], [rational(48000, 1001), rational(1001, 48000)]);
  equal([job.expectedFrames, smooth!.copy!.audio, smooth!.copy!.slowdown], [16, "keep", rational(1)]);
  const { job: slow, planned: [slowly] } = await prepared({ sampling: factor(4), slowMotion: true }, { rate });
  equal([slowly!.rate, slow.expectedFrames, slowly!.copy!.audio], [rate, 32, "stretch"]);
  equal(slow.notes, ["a note of the source"]);
  const { job: kept } = await prepared({ slowMotion: true, audio: "keep" });
  ok(kept.notes.some((note) => /keeps its speed/.test(note)));
  const { job: sampled, planned: [even] } = await prepared({ sampling: fps(60) });
  equal([even!.rate, sampled.expectedFrames], [rational(60), 19]);
  const { planned: [free] } = await prepared({}, { constantRate: false });
  equal(free!.rate, undefined);
  const { job: images } = await prepared({ sampling: factor(5, 2) }, { plan: { holdsLast: false } });
  equal(images.expectedFrames, 19);
  const { job: part } = await prepared({ start: rational(1, 10), end: rational(1, 4) });
  equal([part.sourceFrames, part.expectedFrames], [4, 8]);
});

Deno.test("prepareJob() treats fps in slow motion as the rate of the recording", async () => {
  const { job } = await prepared({ sampling: fps(100), slowMotion: true });
  equal([job.frames.sampling, job.frames.slowdown, job.expectedFrames], [factor(4), rational(4), 32]);
  await refuses({ sampling: fps(100), slowMotion: true }, /variable frame rate/, { constantRate: false });
});

Deno.test("prepareJob() limits the rate to the maximum of the target and notes it", async () => {
  const { job } = await prepared({ sampling: factor(6) }, { rate: rational(10), plan: { maxRate: rational(50) } });
  equal([job.frames.sampling, job.write.rate], [fps(50), rational(50)]);
  ok(job.notes.some((note) => /at most 50/.test(note)));
  const { job: under } = await prepared({}, { rate: rational(10), plan: { maxRate: rational(50) } });
  equal(under.frames.sampling, factor(2));
});

Deno.test("prepareJob() refuses invalid requests before anything is computed", async () => {
  await refuses({ input: "elsewhere" }, /no media handler of the manifest reads elsewhere/);
  await refuses({ output: "nowhere" }, /no media handler of the manifest writes nowhere/);
  await refuses({ sampling: fps(20), slowMotion: true }, /`fps` 20 is below the rate of in, 25 frames.*faster/);
  await refuses({ start: rational(2), end: rational(1) }, /`start` 2 s must be before `end` 1 s/);
  await refuses({ start: rational(9) }, /`start` 9 s is after the end of in, which lasts 0\.32 s/);
});

Deno.test("prepareJob() describes the source before it tests the target, and not if it cannot be opened", async () => {
  const { media, planned } = memoryMedia({ levels: LEVELS }),
    frames: FrameOptions = { sampling: factor(2), cuts: false };
  const seen: [frames: number | undefined, plans: number][] = [];
  const onSource: Parameters<typeof prepareJob>[3] = ({ video }) => seen.push([video.frames, planned.length]);
  await prepareJob({ input: "in", output: "out", frames }, [media], undefined, onSource);
  equal([seen, planned.length], [[[LEVELS.length, 0]], 1]);
  await rejects(prepareJob({ input: "elsewhere", output: "out", frames }, [media], undefined, onSource));
  equal(seen.length, 1);
});

Deno.test("runJob() writes the video, reports progress and finishes", async () => {
  const { job, written, log } = await prepared();
  const events: JobEvent[] = [];
  const summary = await runJob(job, blendingEngine(), { onEvent: (event) => events.push(event) });
  equal(summary, { read: 8, written: 16, interpolated: 7, cuts: 0, duplicates: 0 });
  equal(written.map(({ image }) => levelOf(image)), [
    ...LEVELS.slice(1).flatMap((level) => [level - 10, level - 5]),
    70,
    70,
  ]);
  equal(events.at(-1), { type: "frame", done: 16, interpolated: 7, total: 16 });
  equal(log, ["finished"]);
});

Deno.test("beginReading() reads the first pair at once, and runJob() writes all frames", async () => {
  const { job, written } = await prepared(), reads: number[] = [], ends: string[] = [];
  const source: typeof job.source = {
    ...job.source,
    async *frames(options) {
      try {
        for await (const frame of job.source.frames(options)) {
          reads.push(levelOf(frame.image));
          yield frame;
        }
      } finally {
        ends.push("ended");
      }
    },
  };
  const frames = beginReading({ ...job, source }, {})!;
  await new Promise((resolve) => setTimeout(resolve));
  equal(reads, LEVELS.slice(0, 2));
  await runJob({ ...job, source }, blendingEngine(), { source: frames });
  await frames.return();
  equal([reads, written.length, ends], [LEVELS, 16, ["ended"]]);
  await beginReading({ ...job, source }, {})!.return();
  equal([reads.length, ends], [LEVELS.length + 2, ["ended", "ended"]]);
});

Deno.test("beginReading() leaves errors to the reader, and jobs that read their source more than once alone", async () => {
  const { job } = await prepared();
  const source: typeof job.source = {
    ...job.source,
    // deno-lint-ignore require-yield
    async *frames() {
      await Promise.resolve();
      throw new Error("damaged");
    },
  };
  const frames = beginReading({ ...job, source }, {})!;
  await new Promise((resolve) => setTimeout(resolve));
  await rejects(runJob({ ...job, source }, blendingEngine(), { source: frames }), /damaged/);
  const backward = retimeCurve({ position: [0, 0.2, 0].map((source, i) => ({ output: 0.2 * i, source })) });
  equal(beginReading((await prepared({ sampling: { kind: "curve", curve: backward } })).job, {}), undefined);
});

Deno.test("runJob() aborts the writer after any failure, and throws its error", async () => {
  const full = await prepared({}, { failsAfter: 3 });
  await rejects(runJob(full.job, blendingEngine()), /disk full/);
  equal(full.log, ["aborted"]);
  const broken = await prepared();
  const engine = { ...blendingEngine(), run: () => Promise.reject(new Error("no memory")) };
  await rejects(runJob(broken.job, engine), /no memory/);
  equal(broken.log, ["aborted"]);
  const stopped = await prepared();
  const stop = new AbortController();
  const onEvent = () => stop.abort(new Error("enough"));
  await rejects(runJob(stopped.job, blendingEngine({ delay: () => 5 }), { signal: stop.signal, onEvent }), /enough/);
  equal(stopped.log, ["aborted"]);
  const empty = await prepared({}, { levels: [] });
  await rejects(runJob(empty.job, blendingEngine()), /in: no frame could be read/);
  equal(empty.log, ["aborted"]);
});

Deno.test("runJob() resumes after finished frames: it does not compute them again, and counts and writes all in order", async () => {
  const complete = await prepared({ sampling: factor(3) });
  await runJob(complete.job, blendingEngine());
  for (const finished of [0, 1, 4, 6, 23, 24]) {
    const { job, written } = await prepared({ sampling: factor(3) }, { finished });
    const engine = blendingEngine(), events: JobEvent[] = [], given: number[] = [];
    const onFrame = (_: unknown, index: number) => Promise.resolve(void given.push(index));
    const summary = await runJob(job, engine, { onEvent: (event) => events.push(event), onFrame });
    equal(summary, { read: 8, written: 24, interpolated: 14, cuts: 0, duplicates: 0 });
    equal(engine.jobs, 7 - Math.min(7, Math.floor(finished / 3)));
    equal(written.map(({ pts }) => pts), complete.written.map(({ pts }) => pts));
    const levels = (frames: typeof written) => frames.slice(finished).map(({ image }) => levelOf(image));
    equal(levels(written), levels(complete.written));
    equal(events.length, 24 - finished);
    equal(given, Array.from({ length: 24 - finished }, (_, i) => finished + i));
  }
});

Deno.test("runJob() passes the facts of a resumption to the sink, and its events to the caller", async () => {
  const { job, opened } = await prepared(), events: JobEvent[] = [];
  const resumption = { facts: () => Promise.resolve({ model: "a" }), resume: true };
  await runJob(job, blendingEngine(), { resumption, onEvent: (event) => events.push(event) });
  const { facts, resume, onEvent } = opened[0]!.resumption!;
  equal([await facts(), resume], [{ model: "a" }, true]);
  onEvent({ type: "warning", message: "all work is discarded" });
  equal(events.at(-1), { type: "warning", message: "all work is discarded" });
});

Deno.test("surveyJob() counts frames, finds cuts and writes nothing", async () => {
  const shots = [10, 12, 14, 200, 202, 204];
  const { job, planned, opened } = await prepared({ sampling: factor(4), cuts: {} }, { levels: shots });
  const survey = await surveyJob(job, blendingEngine());
  equal({ ...survey, seconds: 0 }, {
    ...{ sourceFrames: 6, outputFrames: 24, interpolatedFrames: 12, pairs: 4, seconds: 0 },
    cuts: [{ frame: 3, time: rational(3, 25) }],
  });
  ok(survey.seconds! > 0);
  equal([planned.length, opened.length], [1, 0]);
});
