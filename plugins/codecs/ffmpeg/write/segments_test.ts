import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import {
  copyVideo,
  framePts,
  make,
  probeFields,
  streamHash,
  testEachFfmpeg,
  testEachFfmpegCases,
  testFfmpegs,
  withScratch,
} from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { segmentFrames } from "./segment.ts";
import { hasPacketTimes } from "../version.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const SOUND = "-f lavfi -i sine=d=2";
const CLIPS = {
  job: `-f lavfi -i testsrc2=s=64x36:r=24000/1001:d=2 ${SOUND} -c:v libx264 -pix_fmt yuv420p -c:a aac`,
  variable: "-f lavfi -i testsrc2=s=64x36:r=30:d=1.6 -vf setpts='if(lt(N,20),N/30,20/30+(N-20)/13)/TB' -fps_mode vfr " +
    "-enc_time_base 1:90000 -video_track_timescale 90000 -c:v libx264 -pix_fmt yuv420p",
  late:
    `-itsoffset 0.517 -f lavfi -i testsrc2=s=64x36:r=25:d=1.96 ${SOUND} -fps_mode passthrough -c:v libx264 -pix_fmt yuv420p -c:a aac`,
};

testEachFfmpegCases(
  ffmpegs,
  "a video of many segments has the timestamps, frames and audio of a video of one segment",
  [["job", ["mp4"]], ["variable", ["mkv"]], ["late", ["mp4"]]],
  [["job", ["mkv", "ts", "webm"]], ["variable", ["mp4"]], ["late", ["mkv"]]],
  async ({ ffmpeg }, cases: readonly (readonly [keyof typeof CLIPS, readonly string[]])[]) => {
    await withScratch(async ({ path }) => {
      for (const [name, endings] of cases) {
        await make(own.ffmpeg, `${CLIPS[name]} ${path(`${name}.mp4`)}`);
        for (const ending of endings) {
          const [whole, parts] = [path(`${name}.whole.${ending}`), path(`${name}.parts.${ending}`)];
          await copyVideo(ffmpegMedia({ ffmpeg }), path(`${name}.mp4`), whole);
          await copyVideo(ffmpegMedia({ ffmpeg, segmentFrames: 7 }), path(`${name}.mp4`), parts);
          const label = `${name} ${ending}`;
          const [timestamps, expected] = [await framePts(own.ffprobe, parts), await framePts(own.ffprobe, whole)];
          assert.equal(timestamps.length, expected.length, label);
          // The clock of MPEG-TS is too coarse for 24000/1001 and is rounded within each segment.
          const slack = ending === "ts" ? 1 : 0;
          timestamps.forEach((pts, i) => assert.ok(Math.abs(Number(pts) - Number(expected[i])) <= slack, label));
          // A track of an uneven rate cannot be made longer where its last two frames are equally long.
          const rates = name === "variable" ? "r_frame_rate" : "r_frame_rate,avg_frame_rate";
          const fields = `${rates},nb_read_frames,pix_fmt,codec_tag_string`;
          const [a, b] = [
            await probeFields(own.ffprobe, parts, "v:0", fields),
            await probeFields(own.ffprobe, whole, "v:0", fields),
          ];
          assert.deepEqual(a, b, label);
          if (name === "variable") continue;
          const sound = (file: string) => streamHash(own.ffmpeg, file, "0:a", true);
          assert.deepEqual(await sound(parts), await sound(whole), label);
        }
      }
    });
  },
);

const LOSSLESS = "a video of many lossless segments is read back bit for bit";
testEachFfmpegCases(ffmpegs, LOSSLESS, ["o.mkv"], ["o.mov"], async ({ ffmpeg }, outputs) => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i testsrc2=s=66x50:r=24:d=1 -c:v ffv1 -pix_fmt yuv422p10le ${path("a.mkv")}`);
    for (const to of outputs.map(path)) {
      await copyVideo(ffmpegMedia({ ffmpeg, segmentFrames: 5 }), path("a.mkv"), to, { encoder: "ffv1" });
      assert.deepEqual(await streamHash(own.ffmpeg, to), await streamHash(own.ffmpeg, path("a.mkv")));
    }
  });
});

const TWICE = "writing a video twice gives the same bytes";
testEachFfmpegCases(ffmpegs, TWICE, ["mp4", "mkv"], ["webm", "mov", "ts"], async ({ ffmpeg }, endings) => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `${CLIPS.job} ${path("a.mp4")}`);
    for (const ending of endings) {
      const [one, two] = [path(`1.${ending}`), path(`2.${ending}`)];
      for (const to of [one, two]) {
        await copyVideo(ffmpegMedia({ ffmpeg, segmentFrames: 20 }), path("a.mp4"), to, { end: rational(1) });
      }
      assert.deepEqual(await Deno.readFile(one), await Deno.readFile(two), ending);
    }
  });
});

Deno.test("segmentFrames() returns fewer frames for larger ones, within bounds", () => {
  assert.deepEqual(
    [[64, 36], [1280, 720], [1920, 1080], [3840, 2160]].map(([width, height]) =>
      segmentFrames({ width: width!, height: height! })
    ),
    [500, 434, 193, 100],
  );
});

testEachFfmpeg(ffmpegs, "a last segment of few frames does not extend the track", async ({ ffmpeg, version }) => {
  if (!hasPacketTimes(version)) return;
  await withScratch(async ({ path }) => {
    const source = "-f lavfi -i testsrc2=s=64x36:r=24000/1001:d=2 -frames:v 22 -c:v libx264 -pix_fmt yuv420p";
    await make(own.ffmpeg, `${source} ${path("a.mp4")}`);
    const properties = async (file: string) => [
      await framePts(own.ffprobe, file),
      await probeFields(own.ffprobe, file, "v:0", "avg_frame_rate,duration,nb_read_frames"),
    ];
    await copyVideo(ffmpegMedia({ ffmpeg }), path("a.mp4"), path("whole.mp4"));
    const expected = await properties(path("whole.mp4"));
    for (const segmentFrames of [21, 20]) {
      const to = path(`${segmentFrames}.mp4`);
      await copyVideo(ffmpegMedia({ ffmpeg, segmentFrames }), path("a.mp4"), to);
      assert.deepEqual(await properties(to), expected, to);
    }
  });
});
