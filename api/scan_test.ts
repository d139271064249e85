import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { openSlomo, planFacts } from "@slomo/slomo";
import { BLEND, ffmpeg, inRepo, probe, withFolder } from "../tests/_tools.ts";

const clip = inRepo("examples/clip.mp4");
const open = () => openSlomo({ manifest: BLEND, backend: "cpu", workers: 0 });

/** Creates a video of 12 frames at 10 frames per second: frame 3 is a duplicate, and a new shot begins with frame 6. */
async function makeShots(file: string): Promise<string> {
  const shot = (source: string) => ["-f", "lavfi", "-i", `${source}=s=160x90:r=10:d=0.6`];
  const graph = "[0]select='not(eq(n,3))',split[a][b];[a]trim=end_frame=3[a3];" +
    "[b]trim=start_frame=2,setpts=PTS-STARTPTS[b3];[a3][b3][1]concat=n=3,setpts=N/10/TB";
  await ffmpeg(
    ...[...shot("testsrc2"), ...shot("smptebars"), "-filter_complex", graph, "-r", "10"],
    ...["-c:v", "ffv1", file],
  );
  return file;
}

Deno.test("Slomo.info() describes a source, and closes it", async () => {
  await using slomo = await open();
  const { container, video, streams } = await slomo.info(clip);
  equal([container, video.width, video.height, streams.length], ["mp4", 320, 180, streams.length]);
  await rejects(slomo.info("/nowhere.mp4"), { name: "UsageError", code: "input-not-found" });
});

Deno.test("Slomo.scan() yields source frames with cuts and duplicates, and reads a part", async () => {
  await withFolder(async (_, at) => {
    const shots = await makeShots(at("shots.mkv"));
    await using slomo = await open();
    const frames = await Array.fromAsync(slomo.scan(shots));
    const marked = (key: "isCut" | "isDuplicate") => frames.flatMap((frame, index) => frame[key] ? [index] : []);
    equal([frames.length, marked("isDuplicate"), marked("isCut")], [12, [3], [6]]);
    equal(frames[6]!.time.toFixed(2), "0.60");
    equal(frames[0]!.toRgba().data.length, 4 * 160 * 90);
    const plain = await Array.fromAsync(slomo.scan(shots, { start: 0.3, end: 0.7, cuts: false, duplicates: "keep" }));
    equal(
      plain.map(({ time, isCut }) => [time.toFixed(1), isCut]),
      ["0.3", "0.4", "0.5", "0.6"].map((t) => [t, false]),
    );
  });
});

Deno.test("Slomo.estimate() plans as plan() does, as plain data, without reading frames or writing", async () => {
  await withFolder(async (folder, at) => {
    await using slomo = await open();
    const options = { factor: 4, slowMotion: true };
    const estimate = await slomo.estimate(clip, at("out.mp4"), options);
    const { job, survey } = await slomo.plan(clip, at("out.mp4"), options);
    equal(JSON.parse(JSON.stringify(estimate)), JSON.parse(JSON.stringify(planFacts(job, survey))));
    equal(estimate.output.frames, survey.outputFrames);
    const part = await slomo.estimate(clip, at("out.mp4"), { ...options, end: 0.5 });
    equal([part.output.frames, part.output.seconds], [4 * part.input.frames!, part.output.frames! / 24]);
    await rejects(slomo.estimate(clip, at("out.mp4"), { start: 99 }), { name: "UsageError", option: "start" });
    await rejects(slomo.estimate(clip, at("out.mp4"), { fps: 1, slowMotion: true }), {
      name: "UsageError",
      option: "fps",
    });
    equal((await Array.fromAsync(Deno.readDir(folder))).length, 0);
  });
});

Deno.test("Slomo.measure() measures two frames, and refuses a source without them", async () => {
  await withFolder(async (_, at) => {
    await using slomo = await open();
    const { pair, frame, parallel } = await slomo.measure(clip);
    ok(pair >= 0 && frame > 0 && parallel === 1, `${pair} ${frame} ${parallel}`);
    await ffmpeg(...["-f", "lavfi", "-i", "color=red:s=64x36:r=10:d=0.1", "-c:v", "ffv1", at("one.mkv")]);
    await rejects(slomo.measure(at("one.mkv")), { name: "JobError", message: /only one frame/ });
  });
});

Deno.test("`hold` pauses a conversion between two frames, and an abort ends the pause", async () => {
  await withFolder(async (_, at) => {
    await using slomo = await open();
    let written = 0, asked = 0, release = () => {};
    const held = Promise.withResolvers<void>();
    const hold = () => {
      if (++asked !== 4) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      release = resolve;
      held.resolve();
      return promise;
    };
    const onEvent = ({ type }: { readonly type: string }) => type === "frame" && written++;
    const whole = slomo.convert(clip, at("out.mp4"), { end: 0.3, hold, onEvent });
    await held.promise;
    equal(written, 3);
    release();
    const { written: all } = await whole;
    equal([written, all, Number((await probe(at("out.mp4"))).video.nb_read_frames)], [all, all, all]);

    const controller = new AbortController(), reason = new Error("canceled"), { signal } = controller;
    const wait = () => {
      controller.abort(reason);
      return new Promise<void>(() => {});
    };
    await rejects(slomo.convert(clip, at("other.mp4"), { end: 0.3, hold: wait, signal }), reason);
  });
});
