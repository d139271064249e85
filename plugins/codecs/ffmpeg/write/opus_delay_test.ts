import assert from "node:assert/strict";
import { copyVideo, make, testEachFfmpegCases, testFfmpegs, withScratch } from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { runProcess } from "../process.ts";
import { parseOpusDelay } from "./opus_delay.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

Deno.test("parseOpusDelay() reads the delay in ffprobe's dump of an Opus header", () => {
  const dump =
    "\n00000000: 4f70 7573 4865 6164 0101 3801 80bb 0000  OpusHead..8.....\n00000010: 0000 00          ...\n";
  assert.equal(parseOpusDelay(dump), 312);
  assert.equal(parseOpusDelay("\n00000000: 1190 56e5 00                             ..V..\n"), undefined);
  assert.equal(parseOpusDelay(""), undefined);
});

/** Returns the first timestamp of a stream, in seconds. */
async function startOf(file: string, stream: string): Promise<number> {
  const shown = ["-select_streams", stream, "-show_entries", "stream=start_time", "-of", "csv=p=0"];
  return parseFloat((await runProcess(own.ffprobe, ["-v", "error", ...shown, file])).stdout);
}

const SAME = "video and Opus audio start at the same times after each pass";
testEachFfmpegCases(ffmpegs, SAME, [0.5], [0], async (tools, delays) => {
  await withScratch(async ({ path }) => {
    const codec = ffmpegMedia({ ffmpeg: tools.ffmpeg });
    const inputs = "-f lavfi -i testsrc2=s=32x32:r=25:d=0.5 -f lavfi -i sine=d=0.5:r=48000";
    await make(own.ffmpeg, `${inputs} -c:v mpeg4 -c:a aac ${path("in-0.mp4")}`);
    const late = `-i ${path("in-0.mp4")} -itsoffset 0.5 -i ${path("in-0.mp4")} -map 0:v -map 1:a -c copy`;
    await make(own.ffmpeg, `${late} ${path("in-0.5.mp4")}`);
    for (const delay of delays) {
      let from = path(`in-${delay}.mp4`);
      // Some versions of ffprobe subtract the delay of the encoder, 7 ms, from the start of the first packet.
      const begin = await startOf(from, "a:0"), starts: number[] = [];
      for (const to of ["1.webm", "2.mkv", "3.webm"]) {
        const encoder = to.endsWith("webm") ? "libvpx" : "libx264";
        await copyVideo(codec, from, path(to), { encoder, overwrite: true });
        const [video, audio] = [await startOf(path(to), "v:0"), await startOf(path(to), "a:0")];
        assert.ok(Math.abs(video) < 0.0015, `${to}: the video starts at ${video} s`);
        assert.ok(
          [0, 0.007].some((delay) => Math.abs(audio - begin + delay) < 0.0025),
          `${to}: the audio starts at ${audio} s`,
        );
        starts.push(audio);
        assert.ok(Math.abs(audio - starts[0]!) < 0.0025, `${to}: the audio starts at ${starts.join(", ")} s`);
        from = path(to);
      }
    }
  });
});
