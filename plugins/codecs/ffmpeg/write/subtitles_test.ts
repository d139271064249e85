import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import {
  type CopyOptions,
  copyVideo,
  make,
  probeFields,
  type Scratch,
  testEachFfmpeg,
  testFfmpegs,
  withScratch,
} from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { runProcess } from "../process.ts";
import { hasPacketTimes } from "../version.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

/** Two subtitles in a video of 2 s: one from 0.5 to 1 s, one from 1.5 s to after the end of the video. */
async function subtitled({ path }: Scratch): Promise<string> {
  const lines = ["1\n00:00:00,500 --> 00:00:01,000\none", "2\n00:00:01,500 --> 00:00:05,000\ntwo"];
  await Deno.writeTextFile(path("s.srt"), `${lines.join("\n\n")}\n\n`);
  await make(own.ffmpeg, [
    ..."-f lavfi -i testsrc2=s=32x18:r=10:d=2 -f lavfi -i sine=d=2:r=48000".split(" "),
    ...["-i", path("s.srt")],
    ..."-map 0 -map 1 -map 2 -c:v libx264 -pix_fmt yuv420p -c:a flac -c:s srt".split(" "),
    path("in.mkv"),
  ]);
  return path("in.mkv");
}

/** Returns the start and end of each subtitle, in seconds. */
async function lines(file: string): Promise<number[][]> {
  const args = ["-v", "error", "-i", `file:${file}`, "-map", "0:s", "-f", "srt", "-"];
  const { stdout } = await runProcess(own.ffmpeg, args);
  return [...stdout.matchAll(/00:00:([\d,]+) --> 00:00:([\d,]+)/g)].map(([, ...times]) =>
    times.map((time) => Number(time.replace(",", ".")))
  );
}

testEachFfmpeg(
  ffmpegs,
  "subtitles become longer with the video, and are trimmed to its part",
  async (tools) => {
    await withScratch(async (scratch) => {
      const from = await subtitled(scratch), codec = ffmpegMedia({ ffmpeg: tools.ffmpeg });
      const cases: [ending: string, options: CopyOptions, expected: number[][]][] = [
        ["mkv", { slowdown: rational(4), audio: "stretch" }, [[2, 4], [6, 20]]],
        ["mp4", { slowdown: rational(5, 2), audio: "drop" }, [[1.25, 2.5], [3.75, 12.5]]],
        ["mkv", { start: rational(7, 10), end: rational(8, 5) }, [[0, 0.3], [0.8, 0.9]]],
        ["mp4", { start: rational(7, 10), end: rational(8, 5) }, [[0, 0.3], [0.8, 0.9]]],
        ["webm", { start: rational(7, 10), end: rational(6, 5) }, [[0, 0.3]]],
      ];
      for (const [index, [ending, options, expected]] of cases.entries()) {
        const to = scratch.path(`o${index}.${ending}`), { plan } = await copyVideo(codec, from, to, options);
        const said = plan.notes.filter((note) => note.startsWith("subtitles keep their durations of the source"));
        assert.equal(said.length, hasPacketTimes(tools.version) ? 0 : 1);
        if (!hasPacketTimes(tools.version)) continue;
        const found = await lines(to);
        assert.equal(found.length, expected.length, `${ending} ${found}`);
        found.flat().forEach((time, i) => assert.ok(Math.abs(time - expected.flat()[i]!) < 0.02, `${ending} ${found}`));
      }
      if (!hasPacketTimes(tools.version)) return;
      // Audio that is encoded for webm starts with the part, not at the seek position of its file.
      const start = async (stream: string) =>
        Number((await probeFields(own.ffprobe, scratch.path("o4.webm"), stream, "start_time")).start_time);
      assert.ok(Math.abs(await start("v:0")) < 0.02 && Math.abs(await start("a:0")) < 0.02);
    });
  },
);
