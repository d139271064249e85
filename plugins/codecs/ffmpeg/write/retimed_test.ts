/** Audio, subtitles and chapters of a video whose speed varies. */
import assert from "node:assert/strict";
import type { PairEngine } from "@slomo/core";
import { outputTimeOf, parseSlow, retimeCurve, slowCurve, type TimeCurve } from "@slomo/core/retime";
import { rational, toNumber } from "@slomo/core/time";
import { type JobOptions, prepareJob, runJob } from "@slomo/core/video";
import { make, testEachFfmpeg, testFfmpegs, withScratch } from "../../_testing.ts";
import { probeFile } from "../ffprobe.ts";
import { ffmpegMedia } from "../media.ts";
import { runProcess } from "../process.ts";
import { OnsetDetector } from "./onsets.ts";
import { hasPacketTimes } from "../version.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

/** Repeats the first frame of each pair: only time matters here. */
const engine: PairEngine = {
  ...{ backend: "none", device: "none", parallel: 1, close: () => Promise.resolve() },
  run: ({ first, times }) => Promise.resolve({ images: times.map(() => first), timing: {} }),
};

/** Runs a job along a curve and returns its options for the target. */
async function retime(
  ffmpeg: string,
  input: string,
  output: string,
  curve: TimeCurve,
  options: Partial<JobOptions> = {},
) {
  const frames = { sampling: { kind: "curve" as const, curve }, cuts: false as const, duplicates: "keep" as const };
  await using job = await prepareJob({ input, output, frames, ...options }, [ffmpegMedia({ ffmpeg })]);
  await runJob(job, engine);
  return job;
}

/** Clicks of 4 ms every half second, from 1/4 s on, over a quiet tone, and a video of 6 s. */
const CLICKS = "if(lt(mod(t+0.25\\,0.5)\\,0.004)\\,0.8*sin(2*PI*2000*t)\\,0)";
const clip = (path: string, more = "", sound = CLICKS) =>
  make(own.ffmpeg, [
    ...["-f", "lavfi", "-i", "testsrc2=s=32x18:r=25:d=6", "-f", "lavfi", "-i", `aevalsrc=${sound}:d=6:s=48000`],
    ..."-c:v ffv1 -pix_fmt yuv420p -c:a pcm_s16le".split(" "),
    ...more.split(" ").filter(Boolean),
    path,
  ]);

const RATE = 8000;

/** Returns the samples of the audio from time 0 of the file on. */
async function samples(path: string): Promise<Float32Array> {
  const args = [
    "-v",
    "error",
    "-i",
    path,
    "-map",
    "0:a:0",
    "-af",
    "aresample=async=1:first_pts=0",
    "-f",
    "f32le",
    "-ac",
    "1",
  ];
  const { stdout } = await new Deno.Command(own.ffmpeg, { args: [...args, "-ar", `${RATE}`, "-"] }).output();
  return new Float32Array(stdout.buffer, stdout.byteOffset, stdout.byteLength >> 2);
}

/** Returns the time of each click: the center of the energy of samples that are close to each other. */
function clickTimes(sound: Float32Array): number[] {
  const times: number[] = [], level = 0.05 * sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let energy = 0, moment = 0, last = -Infinity;
  const end = () => energy > 0 && times.push(moment / energy / RATE);
  sound.forEach((value, i) => {
    if (Math.abs(value) < level) return;
    if (i - last > 0.15 * RATE) {
      end();
      energy = moment = 0;
    }
    energy += value * value;
    moment += value * value * i;
    last = i;
  });
  end();
  return times;
}

/** Times of the clicks in the source. */
const SOURCE_CLICKS = Array.from({ length: 12 }, (_, i) => 0.25 + i / 2 + 0.002);

testEachFfmpeg(ffmpegs, "clicks follow the curve within 10 ms, in every container", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    await clip(path("in.mkv"));
    const curve = slowCurve([parseSlow("1-2=3"), parseSlow("4-5=0.5")]), map = curve.map(undefined);
    const due = SOURCE_CLICKS.map((time) => toNumber(outputTimeOf(map, rational(Math.round(time * 1e6), 1_000_000))));
    for (const ending of ["mkv", "mov"]) {
      await retime(ffmpeg, path("in.mkv"), path(`out.${ending}`), curve, {
        encoder: "ffv1".replace("ffv1", ending === "mkv" ? "ffv1" : "mpeg4"),
      });
      const sound = await samples(path(`out.${ending}`)), found = clickTimes(sound);
      assert.equal(found.length, due.length, `${found}`);
      found.forEach((time, i) =>
        assert.ok(Math.abs(time - due[i]!) < 0.01, `click ${i} at ${time} s instead of ${due[i]} s`)
      );
      const length = toNumber(curve.reach(rational(6)));
      assert.ok(Math.abs(sound.length / RATE - length) < 0.03, `${sound.length / RATE} s instead of ${length} s`);
    }
  });
});

const seconds = (time: number) => rational(Math.round(time * 1e6), 1_000_000);

/** Root of the mean square of samples from one second to another. */
function loudness(sound: Float32Array, from: number, to: number): number {
  const part = sound.subarray(Math.round(from * RATE), Math.round(to * RATE));
  return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
}

testEachFfmpeg(ffmpegs, "a tone keeps its pitch and its loudness, without clicks", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    await clip(path("in.mkv"), "", "0.5*sin(2*PI*300*t)");
    const curve = slowCurve([parseSlow("2-3=4")]), map = curve.map(undefined);
    await retime(ffmpeg, path("in.mkv"), path("out.mkv"), curve, { encoder: "ffv1" });
    const sound = await samples(path("out.mkv"));
    const [from, to] = [1, 3.9].map((time) => toNumber(outputTimeOf(map, seconds(time))));
    let crossings = 0;
    for (let i = Math.round(from! * RATE); i < to! * RATE; i++) if (sound[i]! < 0 !== sound[i + 1]! < 0) crossings++;
    const pitch = crossings / 2 / (to! - from!);
    assert.ok(Math.abs(pitch - 300) < 6, `${pitch} Hz`);
    // No step is larger than those of the tone, which are 0.5 · 2π · 300 / 8000.
    const steepest = sound.reduce((most, value, i) => i === 0 ? 0 : Math.max(most, Math.abs(value - sound[i - 1]!)), 0);
    assert.ok(steepest < 1.3 * 0.118, `a step of ${steepest}`);
    for (let time = 2.4; time < 5; time += 0.2) assert.ok(loudness(sound, time, time + 0.1) > 0.25, `at ${time} s`);
  });
});

testEachFfmpeg(
  ffmpegs,
  "kept audio stays in sync outside of slow parts, and is silent for their rest",
  async ({ ffmpeg }) => {
    await withScratch(async ({ path }) => {
      await clip(path("in.mkv"));
      const curve = slowCurve([parseSlow("1-2=3"), parseSlow("4-5=0.5")], rational(0));
      await retime(ffmpeg, path("in.mkv"), path("out.mkv"), curve, { encoder: "ffv1", audio: "keep" });
      const found = clickTimes(await samples(path("out.mkv")));
      // The slow second lasts from 1 s to 4 s, the fast one from 6 s to 6.5 s, where the second click is cut off.
      const due = [0.25, 0.75, 1.25, 1.75, 4.25, 4.75, 5.25, 5.75, 6.25, 6.75, 7.25].map((time) => time + 0.002);
      assert.equal(found.length, due.length, `${found}`);
      found.forEach((time, i) => assert.ok(Math.abs(time - due[i]!) < 0.005, `${time} s instead of ${due[i]} s`));
    });
  },
);

testEachFfmpeg(ffmpegs, "held frames are silent, and audio of reversed parts is left out", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    await clip(path("in.mkv"), "", "0.5*sin(2*PI*300*t)");
    const held = retimeCurve({ speed: [{ at: 1, speed: 1, hold: 2 }] });
    await retime(ffmpeg, path("in.mkv"), path("held.mkv"), held, { encoder: "ffv1" });
    const sound = await samples(path("held.mkv"));
    assert.ok(Math.abs(sound.length / RATE - 8) < 0.03, `${sound.length / RATE} s`);
    assert.ok(
      loudness(sound, 1.05, 2.95) < 1e-3 && loudness(sound, 0.5, 0.9) > 0.3 && loudness(sound, 3.05, 7.9) > 0.3,
    );
    const back = retimeCurve({
      position: [[0, 1], [1, 2], [2, 1], [4, 3]].map(([output, source]) => ({ output: output!, source: source! })),
    });
    const job = retime(ffmpeg, path("in.mkv"), path("back.mkv"), back, { encoder: "ffv1" });
    await assert.rejects(job, {
      name: "UsageError",
      message: /in\.mkv: cannot play its audio backward; set `audio` to "keep"/,
    });
    await retime(ffmpeg, path("in.mkv"), path("kept.mkv"), back, { encoder: "ffv1", audio: "keep" });
    const kept = await samples(path("kept.mkv"));
    // Audio waits until the video is back at 2 s, which is 3 s after the beginning.
    assert.ok(loudness(kept, 0.1, 0.9) > 0.3 && loudness(kept, 1.1, 2.9) < 1e-3 && loudness(kept, 3.1, 3.9) > 0.3);
    await retime(ffmpeg, path("in.mkv"), path("none.mkv"), back, { encoder: "ffv1", audio: "drop" });
    assert.deepEqual((await probeFile(own, path("none.mkv"))).streams.map(({ codec_type }) => codec_type), ["video"]);
  });
});

testEachFfmpeg(ffmpegs, "subtitles and chapters follow the curve, also of a part", async (tools) => {
  const { ffmpeg } = tools;
  await withScratch(async ({ path }) => {
    await clip(path("plain.mkv"));
    const shown = [[0.5, 0.9], [1.2, 1.6], [1.9, 2.4], [2.6, 4.4], [5.2, 5.8]];
    const clock = (time: number) => `00:00:0${time.toFixed(3).replace(".", ",")}`;
    const texts = shown.map(([from, to], i) => `${i + 1}\n${clock(from!)} --> ${clock(to!)}\nline ${i}\n`);
    await Deno.writeTextFile(path("in.srt"), texts.join("\n"));
    const chapters = [[0, 1500], [1500, 4500], [4500, 6000]].map(([from, to]) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${from}\nEND=${to}\ntitle=${from}`
    );
    await Deno.writeTextFile(path("chapters"), [";FFMETADATA1", ...chapters, ""].join("\n"));
    const inputs = ["plain.mkv", "in.srt", "chapters"].flatMap((name) => ["-i", path(name)]);
    const { code, errors } = await runProcess(own.ffmpeg, [
      ...[
        "-nostdin",
        "-v",
        "error",
        ...inputs,
        "-map",
        "0",
        "-map",
        "1",
        "-map_chapters",
        "2",
        "-c",
        "copy",
        path("in.mkv"),
      ],
    ]);
    assert.equal(code, 0, `${errors}`);
    const curve = slowCurve([parseSlow("1-2=3"), parseSlow("4-5=0.5")]), map = curve.map(undefined);
    for (const [name, part] of [["whole", {}], ["part", { start: rational(38, 25), end: rational(5) }]] as const) {
      const start = "start" in part ? 1.52 : 0, end = "end" in part ? 5 : 6;
      const at = (time: number) =>
        toNumber(outputTimeOf(map, seconds(time))) - toNumber(outputTimeOf(map, seconds(start)));
      const out = path(`${name}.mkv`),
        job = await retime(ffmpeg, path("in.mkv"), out, curve, { encoder: "ffv1", ...part });
      const { chapters } = await probeFile(own, out);
      const dueChapters = [[0, 1.5], [1.5, 4.5], [4.5, 6]].filter(([, to]) => to! > start).map(([from, to]) =>
        [from!, to!].map((time) => Math.round(1000 * at(Math.min(end, Math.max(start, time)))))
      );
      const found = chapters.map(({ time_base, start, end }) => {
        const unit = Number(time_base.split("/")[1]);
        return [start, end].map((ticks) => Math.round(1000 * ticks / unit));
      });
      // The last chapter ends with the last frame.
      found.flat().forEach((time, i) => {
        const isLast = i === 2 * found.length - 1, due = dueChapters.flat()[i]!;
        assert.ok(Math.abs(time - due) <= (isLast ? 40 : 2), `${found} is not ${dueChapters}`);
      });
      assert.equal(found.length, dueChapters.length);
      if (!hasPacketTimes(tools.version)) {
        assert.deepEqual(job.plan.dropped.map(({ what }) => what), ["subtitle stream 2 (subrip)"]);
        continue;
      }
      const args = [
        "-v",
        "error",
        "-select_streams",
        "s:0",
        "-show_entries",
        "packet=pts_time,duration_time",
        "-of",
        "csv=p=0",
        out,
      ];
      const { stdout } = await runProcess(own.ffprobe, args);
      const times = stdout.trim().split("\n").map((line) => line.split(",").slice(0, 2).map(Number));
      const due = shown.filter(([from, to]) => to! > start && from! < end).map(([from, to]) => {
        const begin = at(Math.max(start, from!));
        return [begin, at(Math.min(end, to!)) - begin];
      });
      assert.equal(times.length, due.length, `${times}`);
      times.flat().forEach((time, i) => assert.ok(Math.abs(time - due.flat()[i]!) < 0.004, `${times} is not ${due}`));
    }
  });
});

testEachFfmpeg(ffmpegs, "clicks follow a curve whose filter is too long for a command line", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    await clip(path("in.mkv"));
    const ranges = Array.from({ length: 14 }, (_, i) => ({
      ...{ from: rational(2 + 4 * i, 10), to: rational(3 + 4 * i, 10), factor: i % 2 ? rational(1, 2) : rational(4) },
    }));
    const curve = slowCurve(ranges), map = curve.map(undefined);
    await retime(ffmpeg, path("in.mkv"), path("out.mkv"), curve, { encoder: "ffv1" });
    const found = clickTimes(await samples(path("out.mkv")));
    const due = SOURCE_CLICKS.map((time) => toNumber(outputTimeOf(map, seconds(time))));
    assert.equal(found.length, due.length, `${found}`);
    found.forEach((time, i) => assert.ok(Math.abs(time - due[i]!) < 0.01, `${time} s instead of ${due[i]} s`));
    // A click that is 16 times slower is as exact.
    const very = slowCurve([parseSlow("1.1-2.9=16")]),
      [a, b] = [1, 3].map((time) => toNumber(outputTimeOf(very.map(undefined), seconds(time))));
    await retime(ffmpeg, path("in.mkv"), path("very.mkv"), very, { encoder: "ffv1" });
    const slowed = clickTimes(await samples(path("very.mkv"))).filter((time) => time > a! && time < b!);
    const clicks = SOURCE_CLICKS.filter((time) => time > 1 && time < 3).map((time) =>
      toNumber(outputTimeOf(very.map(undefined), seconds(time - 0.002))) + 0.002
    );
    assert.equal(slowed.length, clicks.length, `${slowed} is not ${clicks}`);
    slowed.forEach((time, i) => assert.ok(Math.abs(time - clicks[i]!) < 0.01, `${slowed} is not ${clicks}`));
  });
});

Deno.test("OnsetDetector finds the strongest sudden sounds of the parts that are of use", () => {
  const sound = new Float32Array(8 * 8000), detector = new OnsetDetector();
  for (let i = 0; i < sound.length; i++) sound[i] = 0.001 * Math.sin(i);
  for (let k = 0; k < 60; k++) sound.fill(k < 30 ? 0.9 : 0.1, 1000 * k + 800, 1000 * k + 820);
  detector.add(sound.subarray(0, 777));
  detector.add(sound.subarray(777));
  const late = detector.times((seconds) => seconds > 5).map(toNumber);
  assert.equal(late.length, 60 - 40);
  late.forEach((time, i) => assert.ok(Math.abs(time - (40 + i) / 8 - 0.1) < 1e-9, `${time}`));
  assert.equal(detector.times(() => true).length, 60);
  assert.deepEqual(detector.times(() => false), []);
});
