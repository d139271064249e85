import assert from "node:assert/strict";
import { copyVideo, make, testEachFfmpeg, testFfmpegs, withScratch } from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { probeFile } from "../ffprobe.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const CLIP = "-f lavfi -i testsrc2=s=32x18:r=10:d=1 -f lavfi -i sine=d=1 -c:v libx264 -pix_fmt yuv420p -c:a aac";

testEachFfmpeg(
  ffmpegs,
  "mp4 and mov keep the tags of phones and the titles of tracks; other tags are reported",
  async ({ ffmpeg }) => {
    await withScratch(async ({ path }) => {
      const codec = ffmpegMedia({ ffmpeg }), place = "+48.85+002.29/";
      const phone = ["-metadata", `com.apple.quicktime.location.ISO6709=${place}`, "-movflags", "use_metadata_tags"];
      await make(own.ffmpeg, [...CLIP.split(" "), ...phone, path("phone.mov")]);
      const tags = ["-metadata", "title=Video", "-metadata", "SHOT=12", "-metadata:s:a:0", "title=LPCM->FLAC 'x'"];
      await make(own.ffmpeg, [...CLIP.split(" "), ...tags, path("tags.mkv")]);
      for (const ending of ["mov", "mp4"]) {
        const kept = await copyVideo(codec, path("phone.mov"), path(`phone-o.${ending}`));
        const { format } = await probeFile(own, path(`phone-o.${ending}`));
        assert.deepEqual(
          [format.tags?.["com.apple.quicktime.location.ISO6709"], kept.plan.dropped],
          [place, []],
          ending,
        );

        const { plan } = await copyVideo(codec, path("tags.mkv"), path(`o.${ending}`));
        const { format: { tags }, streams } = await probeFile(own, path(`o.${ending}`));
        assert.deepEqual([tags?.title, streams[1]!.tags?.handler_name], ["Video", "LPCM->FLAC 'x'"], ending);
        assert.deepEqual(plan.dropped, [{ what: "the tag SHOT", why: `${ending} does not support it` }]);
      }
    });
  },
);

testEachFfmpeg(
  ffmpegs,
  "mp4 keeps chapters without a title, and chapters that end late do not extend it",
  async ({ ffmpeg }) => {
    await withScratch(async ({ path }) => {
      const chapter = (start: number, end: number) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\n`;
      const text = `;FFMETADATA1\n${chapter(0, 400)}${chapter(400, 800)}title=Two\n${chapter(800, 9000)}${
        chapter(9000, 9500)
      }`;
      await Deno.writeTextFile(path("ch.txt"), text);
      await make(own.ffmpeg, ["-i", path("ch.txt"), ...CLIP.split(" "), "-map_chapters", "0", path("in.mkv")]);
      await copyVideo(ffmpegMedia({ ffmpeg }), path("in.mkv"), path("o.mp4"));
      const { chapters, format } = await probeFile(own, path("o.mp4"));
      assert.deepEqual(chapters.map(({ tags }) => tags?.title), ["Chapter 1", "Two", "Chapter 3"]);
      assert.ok(Number(format.duration) < 1.1, format.duration);
    });
  },
);
