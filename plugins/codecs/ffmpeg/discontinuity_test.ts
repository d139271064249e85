import assert from "node:assert/strict";
import type { Frame } from "@slomo/core";
import { rational, toNumber } from "@slomo/core/time";
import { copyVideo, make, probeFields, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { ffmpegMedia } from "./media.ts";
import type { FfmpegTools } from "./locate.ts";
import { probeMedia } from "./probe.ts";
import { runProcess } from "./process.ts";
import { readFrames } from "./read.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

/** First timestamps of the recordings, in seconds. */
const CLOCKS = [0, 300, 20];

const MPEG = "-c:v mpeg2video -bf 2 -c:a mp2";

/** Concatenates recordings of one second, with timestamps that start at different times, into one file. */
async function makeJoined(
  path: (name: string) => string,
  name: string,
  clocks: readonly number[],
  codecs: string,
): Promise<string> {
  const ending = name.slice(name.lastIndexOf("."));
  const parts = [];
  for (const [index, offset] of clocks.entries()) {
    const part = path(`part-${index}${ending}`);
    const inputs = "-f lavfi -i testsrc2=s=32x32:r=25:d=1 -f lavfi -i sine=f=440:d=1";
    await make(own.ffmpeg, `${inputs} ${codecs} -output_ts_offset ${offset} ${part}`);
    parts.push(await Deno.readFile(part));
  }
  await Deno.writeFile(path(name), new Uint8Array(parts.flatMap((part) => [...part])));
  return path(name);
}

async function read(tools: FfmpegTools, file: string): Promise<{ frames: Frame[]; warnings: string[] }> {
  const { info, details } = await probeMedia(tools, file), frames = [], warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  for await (const frame of readFrames(tools, info, details, { onWarning })) frames.push(frame);
  return { frames, warnings };
}

async function packetTimes(file: string, stream: string): Promise<number[]> {
  const shown = ["-select_streams", stream, "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
  const { stdout } = await runProcess(own.ffprobe, ["-v", "error", ...shown, file]);
  return stdout.split("\n").map(parseFloat).filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
}

const seconds = (pts: bigint, { timebase }: Frame) => Number(pts * timebase.num) / Number(timebase.den);

testEachFfmpeg(
  ffmpegs,
  "concatenated recordings in one file are read one after the other",
  async (tools) => {
    await withScratch(async ({ path }) => {
      const file = await makeJoined(path, "joined.mpg", CLOCKS, MPEG);
      const { info } = await probeMedia(tools, file);
      assert.ok(info.notes.some((note) => note.startsWith("its timestamps are discontinuous")), info.notes.join("; "));
      assert.ok(Math.abs(toNumber(info.video.duration!) - 3) < 0.2, "its duration is the sum of the recordings");

      const { info: single } = await probeMedia(tools, path("part-1.mpg"));
      assert.equal(toNumber(single.video.duration!), 1, "ffprobe does not detect the duration of short files");
      assert.ok(!single.notes.some((note) => note.startsWith("its timestamps are discontinuous")));

      const { frames, warnings } = await read(tools, file);
      assert.deepEqual(warnings, []);
      assert.equal(frames.length, 75);
      assert.equal(
        frames[0]!.pts * info.video.timebase.num,
        info.video.start.num * info.video.timebase.den / info.video.start.den,
      );
      for (const [index, frame] of frames.slice(1).entries()) {
        const step = seconds(frame.pts - frames[index]!.pts, frame);
        assert.ok(step > 0.039 && step < 0.1, `frame ${index + 1} comes ${step} s after the previous one`);
      }
    });
  },
);

testEachFfmpeg(ffmpegs, "audio of concatenated recordings stays in sync with the video", async (tools) => {
  await withScratch(async ({ path }) => {
    const codec = ffmpegMedia({ ffmpeg: tools.ffmpeg });
    for (const slowdown of [1, 2]) {
      const file = await makeJoined(path, "joined.mpg", CLOCKS, MPEG), out = path(`${slowdown}.mkv`);
      const audio = slowdown === 1 ? "keep" : "stretch";
      const { info, plan } = await copyVideo(codec, file, out, { audio, slowdown: rational(slowdown) });
      assert.deepEqual(plan.dropped, []);
      assert.equal((await probeFields(own.ffprobe, out, "v:0", "nb_read_frames")).nb_read_frames, "75");
      const audioTimes = await packetTimes(out, "a:0"), videoTimes = await packetTimes(out, "v:0");
      const [from, to] = await Promise.all([packetTimes(file, "a:0"), packetTimes(file, "v:0")]);
      // Encoded audio starts with samples that players skip.
      const isInStep =
        Math.abs(audioTimes[0]! - videoTimes[0]! - (from[0]! - to[0]!)) < (slowdown === 1 ? 0.002 : 0.03);
      assert.ok(isInStep, `start times: ${[audioTimes[0], videoTimes[0], from[0], to[0]]}`);
      assert.ok(
        Math.abs(audioTimes.at(-1)! - videoTimes.at(-1)!) < 0.15,
        `end times: ${audioTimes.at(-1)}, ${videoTimes.at(-1)}`,
      );
      assert.ok(Math.abs(videoTimes.at(-1)! - slowdown * toNumber(info.video.duration!)) < 0.2);
    }
    await assert.rejects(
      copyVideo(codec, path("joined.mpg"), path("cut.mkv"), { start: rational(1) }),
      /: cannot apply `start` and `end` to its audio: its timestamps are discontinuous; remux it first/,
    );
  });
});

/** Up to 4.1, ffmpeg reads Matroska files to the end of the first recording, and its static ffprobe crashes on MPEG-TS. */
const readOn = ffmpegs.filter(({ version }) => version.avformat[0] >= 59);

/** Makes a recording without audio, and returns its bytes. */
async function record(path: (name: string) => string, size: string, codec: string): Promise<Uint8Array> {
  const file = path(`${size}.ts`);
  await make(own.ffmpeg, `-f lavfi -i testsrc2=s=${size}:r=25:d=2 -pix_fmt yuv420p -c:v ${codec} -g 25 ${file}`);
  return await Deno.readFile(file);
}

/** Writes parts of recordings one after the other into one file. */
async function concatenate(file: string, ...parts: readonly Uint8Array[]): Promise<string> {
  await Deno.writeFile(file, new Uint8Array(parts.flatMap((part) => [...part])));
  return file;
}

/** Returns the first or the last packets of a MPEG-TS file: `share` of it. */
function packets(bytes: Uint8Array, share: number): Uint8Array {
  const size = 188 * Math.round(Math.abs(share) * bytes.length / 188);
  return share > 0 ? bytes.subarray(0, size) : bytes.subarray(bytes.length - size);
}

testEachFfmpeg(readOn, "concatenated recordings of different sizes keep their times", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const codec of ["mpeg2video -bf 2", "libx264"]) {
      const small = await record(path, "64x36", codec), large = await record(path, "96x64", codec);
      const file = await concatenate(path("joined.ts"), small, large, small);
      const { frames, warnings } = await read(tools, file);
      assert.match(warnings.join(), /frames change from 64×36 to 96×64/);
      // At each change, the decoder of MPEG-2 loses the frame that it has not output yet.
      assert.ok(frames.length >= 148, `${codec}: ${frames.length} frames`);
      const times = frames.map((frame) => seconds(frame.pts, frame));
      const length = times.at(-1)! - times[0]!;
      assert.ok(Math.abs(length - 5.96) < 0.05, `${codec}: the frames span ${length} s`);
      times.slice(1).forEach((time, index) => {
        const step = time - times[index]!;
        assert.ok(step > 0.005 && step < 0.125, `${codec}: frame ${index + 1} comes ${step} s after the previous one`);
      });
    }
  });
});

testEachFfmpeg(
  readOn,
  "frames that a cut within a GOP makes undecodable leave a gap of their duration",
  async (tools) => {
    await withScratch(async ({ path }) => {
      for (const codec of ["mpeg2video -bf 2", "libx264"]) {
        const small = await record(path, "64x36", codec), large = await record(path, "96x64", codec);
        const parts = [packets(small, 0.4), packets(large, -0.7), packets(small, -0.6)];
        const file = await concatenate(path("cut.ts"), ...parts);
        const { frames } = await read(tools, file), { info } = await probeMedia(tools, file);
        const times = frames.map((frame) => seconds(frame.pts, frame)), length = times.at(-1)! - times[0]! + 0.04;
        const expected = toNumber(info.video.duration!);
        assert.ok(Math.abs(length - expected) < 0.13, `${codec}: ${length} s of ${expected} s`);
        const steps = times.slice(1).map((time, index) => time - times[index]!);
        assert.ok(Math.min(...steps) > 0.005, `${codec}: shortest step ${Math.min(...steps)} s`);
        // The next key frame comes at most a second later.
        assert.ok(Math.max(...steps) < 1.1, `${codec}: longest step ${Math.max(...steps)} s`);
        const lost = steps.reduce((sum, step) => sum + Math.max(0, Math.round(step / 0.04) - 1), 0);
        assert.ok(
          Math.abs(frames.length + lost - expected / 0.04) < 4,
          `${codec}: ${frames.length} frames, ${lost} missing`,
        );
      }
    });
  },
);

testEachFfmpeg(
  readOn,
  "a discontinuity in another container causes a warning, and video continues",
  async (tools) => {
    await withScratch(async ({ path }) => {
      const { frames, warnings } = await read(
        tools,
        await makeJoined(path, "joined.mkv", [5, 0], "-c:v mpeg4 -c:a mp2"),
      );
      assert.equal(frames.length, 50);
      frames.slice(1).forEach((frame, index) => assert.equal(frame.pts - frames[index]!.pts, 40n));
      assert.match(
        warnings.join("; "),
        /^.*joined\.mkv: timestamps restart at 6[.\d]* s; video continues from there, [^;]*$/,
      );
    });
  },
);

testEachFfmpeg(
  ffmpegs,
  "wrong, duplicate and missing timestamps are interpolated from their neighbors",
  async (tools) => {
    await withScratch(async ({ path }) => {
      await make(
        own.ffmpeg,
        `-f lavfi -i testsrc2=s=32x32:r=25:d=1 -c:v libx264 -bf 0 -pix_fmt yuv420p ${path("in.mkv")}`,
      );
      const broken = [
        "pts=PTS+5000*eq(N\\,10):dts=DTS",
        "pts=PTS-40*eq(N\\,10):dts=DTS-40*eq(N\\,10)",
        "pts=if(mod(N\\,5)\\,PTS\\,NOPTS):dts=DTS",
      ];
      for (const expression of broken) {
        await make(own.ffmpeg, [
          "-i",
          path("in.mkv"),
          "-c",
          "copy",
          "-bsf:v",
          `setts=${expression}`,
          path("broken.mkv"),
        ]);
        const { frames } = await read(tools, path("broken.mkv"));
        assert.deepEqual(
          frames.map(({ pts }) => Number(pts)),
          Array.from({ length: 25 }, (_, index) => 40 * index),
          expression,
        );
      }
      const clip = `-f lavfi -i testsrc2=s=32x32:r=25:d=1 -c:v libx264 -bf 2 -pix_fmt yuv420p`;
      await make(own.ffmpeg, `${clip} -output_ts_offset -0.5 -avoid_negative_ts disabled ${path("before.mkv")}`);
      const { frames } = await read(tools, path("before.mkv"));
      assert.equal(frames.length, 25);
      frames.slice(1).forEach(({ pts }, index) => assert.ok(pts > frames[index]!.pts, `frame ${index + 1}`));
    });
  },
);
