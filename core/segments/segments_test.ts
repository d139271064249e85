import { deepStrictEqual as equal, ok, rejects, throws } from "node:assert/strict";
import type { SegmentSink } from "../contracts/segments.ts";
import { sinkOf } from "./_testing.ts";
import { multiply, rational } from "../time/rational.ts";
import type { FrameOptions } from "../video/interpolate.ts";
import { retimeCurve } from "../retime/mod.ts";
import { prepareJob } from "../video/prepare_job.ts";
import { runJob } from "../video/run_job.ts";
import { blendingEngine, levelOf, memoryMedia } from "../video/_testing.ts";
import { decodeTask, encodeTask } from "./task_text.ts";
import { planSegments } from "./plan_segments.ts";
import { segmentFrames } from "./segment_frames.ts";
import type { SegmentTask } from "./task.ts";

const LEVELS = Array.from({ length: 40 }, (_, i) => 5 * i);

async function prepared(frames: Partial<FrameOptions> = {}, levels: readonly number[] = LEVELS) {
  const memory = memoryMedia({ levels });
  const sampling = { kind: "factor", factor: rational(3) } as const;
  const job = await prepareJob({ input: "in", output: "out", frames: { sampling, cuts: false, ...frames } }, [
    memory.media,
  ]);
  return { job, written: memory.written };
}

async function planned(job: Awaited<ReturnType<typeof prepared>>["job"], sink: SegmentSink) {
  const tasks: SegmentTask[] = [];
  const plan = await planSegments(job, sink, {
    onTask: (task) => Promise.resolve(void tasks.push(decodeTask(encodeTask(task)))),
  });
  return { plan, tasks };
}

Deno.test("segments have the frames of the whole job, whatever their length", async () => {
  for (const loop of [false, true]) {
    const { job, written } = await prepared({ loop });
    await runJob(job, blendingEngine());
    for (const length of [1, 7, 12, 1000]) {
      const { plan, tasks } = await planned(job, sinkOf(length));
      equal([plan.frames, plan.segments, plan.sourceFrames], [120, Math.ceil(120 / length), 40]);
      const frames = [];
      for (const task of tasks.toReversed()) {
        frames.unshift(...await Array.fromAsync(segmentFrames(job, blendingEngine(), task)));
      }
      equal(
        frames.map(({ pts, image }) => [pts, levelOf(image)]),
        written.map(({ pts, image }) => [pts, levelOf(image)]),
      );
    }
  }
});

Deno.test("segments have the frames of a job that plays its source forward and backward", async () => {
  const curve = retimeCurve({
    position: [{ output: 0, source: 0.2 }, { output: 0.9, source: 1.3 }, { output: 2.3, source: 0.4 }],
  });
  for (const keepStill of [false, true]) {
    const { job, written } = await prepared({ sampling: { kind: "curve", curve, fps: rational(30) }, keepStill });
    await runJob(job, blendingEngine());
    const { plan, tasks } = await planned(job, sinkOf(13));
    equal(plan.frames, written.length);
    const frames = [];
    for (const task of tasks) frames.push(...await Array.fromAsync(segmentFrames(job, blendingEngine(), task)));
    equal(
      frames.map(({ pts, image }) => [pts, levelOf(image)]),
      written.map(({ pts, image }) => [pts, levelOf(image)]),
    );
  }
});

Deno.test("segments have the treated pairs of a job, and refuse a shutter", async () => {
  const pairs = [{ frames: [3, 6], as: "hold" }, { frames: [9, 10], as: "blend" }, {
    frames: [20, 22],
    as: "cut",
  }] as const;
  for (const keepStill of [false, true]) {
    const { job, written } = await prepared({ pairs, keepStill });
    await runJob(job, blendingEngine());
    const { tasks } = await planned(job, sinkOf(13)), frames = [];
    for (const task of tasks) frames.push(...await Array.fromAsync(segmentFrames(job, blendingEngine(), task)));
    equal(
      frames.map(({ pts, image }) => [pts, levelOf(image)]),
      written.map(({ pts, image }) => [pts, levelOf(image)]),
    );
  }
  const { job } = await prepared({ sampling: { kind: "fps", fps: rational(10) }, shutter: 180 });
  await rejects(planned(job, sinkOf(13)), { name: "UsageError", option: "shutter" });
});

Deno.test("a segment reads only the source frames that it needs, and its engine computes only its intervals", async () => {
  const { job } = await prepared();
  const { tasks } = await planned(job, sinkOf(30));
  const task = tasks[2]!;
  equal([task.begin, task.count, task.skip], [60, 30, 0]);
  equal(task.sources.map(({ from, facts }) => [from, facts.length]), [[20, 11]]);
  const engine = blendingEngine();
  equal((await Array.fromAsync(segmentFrames(job, engine, task))).length, 30);
  equal(engine.jobs, 10);
});

Deno.test("a segment has the times that the layout returned", async () => {
  const { job } = await prepared(), late = rational(1, 7);
  const { tasks: [task] } = await planned(job, sinkOf(10, late));
  ok(task!.times);
  const [first, second] = await Array.fromAsync(segmentFrames(job, blendingEngine(), task!));
  equal(multiply(rational(first!.pts), first!.timebase), late);
  equal(multiply(rational(second!.pts), second!.timebase), rational(1 * 7 + 75, 75 * 7));
});

Deno.test("segmentFrames() refuses a source with other frames, and closes it", async () => {
  const { job } = await prepared(), { tasks } = await planned(job, sinkOf(30));
  const other = await prepared({}, LEVELS.with(15, 77));
  equal((await Array.fromAsync(segmentFrames(other.job, blendingEngine(), tasks[0]!))).length, 30);
  await rejects(Array.fromAsync(segmentFrames(other.job, blendingEngine(), tasks[1]!)), {
    name: "JobError",
    code: "input-damaged",
    message:
      /^in: a frame from 0\.400 s on differs from the one that was planned: the source has changed, or .*; plan again$/,
  });
  const shorter = await prepared({}, LEVELS.slice(0, 18));
  await rejects(
    Array.fromAsync(segmentFrames(shorter.job, blendingEngine(), tasks[1]!)),
    /a frame from 0\.400 s on differs/,
  );
});

Deno.test("segmentFrames() stops with the reason of its signal", async () => {
  const { job } = await prepared(), { tasks } = await planned(job, sinkOf(30));
  const stop = new AbortController();
  const engine = blendingEngine({ delay: () => (stop.abort(new Error("enough")), 3) });
  await rejects(Array.fromAsync(segmentFrames(job, engine, tasks[1]!, { signal: stop.signal })), /enough/);
});

Deno.test("planSegments() refuses a source without frames, and decodeTask() a damaged text", async () => {
  const { job } = await prepared({}, []);
  await rejects(planned(job, sinkOf(10)), /in: no frame could be read/);
  throws(() => decodeTask('{"index":'), /the file of a task is damaged: .*; plan again/);
});
