import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import {
  copyVideo,
  make,
  probeFields,
  type Scratch,
  streamHash,
  testEachFfmpeg,
  testFfmpegs,
  withScratch,
} from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { probeFile } from "../ffprobe.ts";
import type { FfmpegTools } from "../locate.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const codecOf = ({ ffmpeg }: FfmpegTools) => ffmpegMedia({ ffmpeg });
const X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
const VIDEO = "-f lavfi -i testsrc2=s=32x18:r=24:d=2";

/** Creates a video with two audio streams that have languages and a title, a subtitle, two chapters, a font and a title. */
async function richVideo({ path }: Scratch): Promise<string> {
  const cue = (from: number, to: number, text: string) => `00:00:0${from},000 --> 00:00:0${to},500\n${text}\n\n`;
  await Deno.writeTextFile(path("s.srt"), `1\n${cue(0, 0, "Hello")}2\n${cue(1, 1, "World")}`);
  const chapter = (start: number, end: number, title: string) =>
    `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=${title}\n`;
  await Deno.writeTextFile(
    path("ch.txt"),
    `;FFMETADATA1\ntitle=Video\n${chapter(0, 1000, "One; a=b")}${chapter(1000, 2000, "Two")}`,
  );
  await Deno.writeTextFile(path("font.ttf"), "not a font");
  await make(own.ffmpeg, [
    ...`${VIDEO} -f lavfi -i sine=f=440:d=2 -f lavfi -i sine=f=880:d=2`.split(" "),
    ...["-i", path("s.srt"), "-i", path("ch.txt"), "-map", "0", "-map", "1", "-map", "2", "-map", "3"],
    ...`-map_metadata 4 -map_chapters 4 ${X264} -c:a:0 aac -c:a:1 flac -c:s srt`.split(" "),
    ...["-attach", path("font.ttf"), "-metadata:s:t", "mimetype=application/x-truetype-font"],
    ...["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=jpn", "-metadata:s:a:1", "title=LPCM->FLAC"],
    ...["-metadata:s:s:0", "language=fra", path("rich.mkv")],
  ]);
  return path("rich.mkv");
}

testEachFfmpeg(ffmpegs, "mkv keeps all streams, languages, titles, chapters and attachments", async (tools) => {
  await withScratch(async (scratch) => {
    const from = await richVideo(scratch), to = scratch.path("o.mkv");
    const { plan } = await copyVideo(codecOf(tools), from, to);
    assert.deepEqual([plan.dropped, plan.notes], [[], []]);
    const facts = async (file: string) => {
      const { streams, chapters, format } = await probeFile(own, file);
      return {
        title: format.tags?.title,
        streams: streams.map((
          { codec_name, codec_type, tags },
        ) => [codec_type, codec_name, tags?.language, tags?.title]),
        chapters: chapters.map(({ start, end, time_base, tags }) => [start, end, time_base, tags?.title]),
      };
    };
    assert.deepEqual(await facts(to), await facts(from));
    for (const stream of ["0:a:0", "0:a:1"]) {
      assert.deepEqual(
        await streamHash(own.ffmpeg, to, stream, true),
        await streamHash(own.ffmpeg, from, stream, true),
      );
    }
  });
});

testEachFfmpeg(
  ffmpegs,
  "mp4 and webm keep the streams they support, converted if necessary, and the others are reported",
  async (tools) => {
    await withScratch(async (scratch) => {
      const from = await richVideo(scratch);
      const expected = { mp4: { sound: "aac", subtitle: "mov_text" }, webm: { sound: "opus", subtitle: "webvtt" } };
      for (const [ending, { sound, subtitle }] of Object.entries(expected)) {
        const { plan } = await copyVideo(codecOf(tools), from, scratch.path(`o.${ending}`));
        assert.deepEqual(plan.dropped.map(({ what }) => what.replace(/\(.*/, "")), ["attachment stream 4 "], ending);
        assert.ok(
          plan.notes.includes(`subtitle stream 3 (subrip, fra) is converted to ${subtitle} for ${plan.container}`),
          `${plan.notes}`,
        );
        const { streams, chapters } = await probeFile(own, scratch.path(`o.${ending}`));
        const of = (kind: string) => streams.filter(({ codec_type }) => codec_type === kind);
        assert.equal(of("audio")[0]!.codec_name, sound);
        assert.deepEqual(of("audio").map(({ tags }) => tags?.language), ["eng", "jpn"]);
        assert.deepEqual([of("subtitle")[0]!.codec_name, chapters.length], [subtitle, 2]);
      }
    });
  },
);

testEachFfmpeg(
  ffmpegs,
  "audio is copied packet by packet with its delay, even if longer than the video",
  async (tools) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `${VIDEO} -itsoffset 0.5 -f lavfi -i sine=d=3 ${X264} -c:a aac ${path("late.mp4")}`);
      for (const ending of ["mp4", "mkv"]) {
        await copyVideo(codecOf(tools), path("late.mp4"), path(`o.${ending}`));
        const start = async (file: string) =>
          Number((await probeFields(own.ffprobe, file, "a:0", "start_time")).start_time);
        assert.ok(Math.abs(await start(path(`o.${ending}`)) - await start(path("late.mp4"))) < 0.03, ending);
        assert.deepEqual(
          await streamHash(own.ffmpeg, path(`o.${ending}`), "0:a", true),
          await streamHash(own.ffmpeg, path("late.mp4"), "0:a", true),
        );
      }
    });
  },
);

testEachFfmpeg(
  ffmpegs,
  "late timestamps are moved to 0, and the offset between audio and video stays",
  async (tools) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `${VIDEO} -f lavfi -i sine=d=2 ${X264} -c:a aac -output_ts_offset 5 ${path("late.mkv")}`);
      await copyVideo(codecOf(tools), path("late.mkv"), path("o.mp4"));
      const start = async (file: string, stream: string) =>
        Number((await probeFields(own.ffprobe, file, stream, "start_time")).start_time);
      const gap = async (file: string) => await start(file, "v:0") - await start(file, "a:0");
      assert.ok(await start(path("o.mp4"), "v:0") < 0.1);
      assert.ok(Math.abs(await gap(path("o.mp4")) - await gap(path("late.mkv"))) < 0.002);
    });
  },
);

testEachFfmpeg(
  ffmpegs,
  "slow motion stretches audio exactly to the sample, and chapters; both are trimmed to a part",
  async (tools) => {
    await withScratch(async (scratch) => {
      const from = await richVideo(scratch), whole = scratch.path("whole.mkv"), part = scratch.path("part.mkv");
      const samples = async (file: string) => {
        const args = ["-v", "error", "-i", file, "-map", "0:a:1", "-f", "s16le", "-ac", "1", "-"];
        return (await new Deno.Command(own.ffmpeg, { args }).output()).stdout.length / 2;
      };
      await copyVideo(codecOf(tools), from, whole, { slowdown: rational(4), audio: "stretch" });
      assert.equal(await samples(whole), 4 * 2 * 44100);
      const ends = (await probeFile(own, whole)).chapters.map(({ end, time_base }) =>
        end * Number(time_base.split("/")[0]) / Number(time_base.split("/")[1])
      );
      assert.ok(Math.abs(ends[0]! - 4) < 0.2 && Math.abs(ends[1]! - 8) < 0.2, `${ends}`);
      await copyVideo(codecOf(tools), from, part, {
        slowdown: rational(5, 2),
        audio: "stretch",
        start: rational(1, 2),
        end: rational(3, 2),
      });
      assert.ok(Math.abs(await samples(part) - 2.5 * 44100) < 0.1 * 44100, `${await samples(part)}`);
      const { streams } = await probeFile(own, part);
      assert.ok(streams.every(({ start_pts }) => (start_pts ?? 0) < 60), "a part starts at 0");
    });
  },
);

testEachFfmpeg(
  ffmpegs,
  "a part of a video starts at 0 with its audio, which can be dropped",
  async (tools) => {
    await withScratch(async ({ path }) => {
      await make(
        own.ffmpeg,
        `-f lavfi -i testsrc2=s=32x18:r=24:d=8 -f lavfi -i sine=d=8 ${X264} -c:a aac ${path("a.mp4")}`,
      );
      await copyVideo(codecOf(tools), path("a.mp4"), path("part.mp4"), { start: rational(6), end: rational(15, 2) });
      const { start_time, duration } = await probeFields(own.ffprobe, path("part.mp4"), "a:0", "start_time,duration");
      const video = await probeFields(own.ffprobe, path("part.mp4"), "v:0", "start_time,duration,nb_read_frames");
      assert.deepEqual([video.start_time, video.duration, video.nb_read_frames], ["0.000000", "1.500000", "36"]);
      assert.ok(Number(start_time) < 0.03 && Math.abs(Number(duration) - 1.5) < 0.05, `${start_time} ${duration}`);
      const { plan } = await copyVideo(codecOf(tools), path("a.mp4"), path("mute.mp4"), { audio: "drop" });
      assert.deepEqual([(await probeFile(own, path("mute.mp4"))).streams.length, plan.dropped], [1, []]);
    });
  },
);

testEachFfmpeg(ffmpegs, "more chapters than fit into a command line are copied", async (tools) => {
  await withScratch(async ({ path }) => {
    const chapter = (index: number) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${index}\nEND=${index + 1}\ntitle=chapter ${index}`;
    const lines = [";FFMETADATA1", ...Array.from({ length: 1800 }, (_, index) => chapter(index))];
    await Deno.writeTextFile(path("chapters"), lines.join("\n"));
    const clip = `-f lavfi -i testsrc2=s=32x18:r=10:d=2 -f ffmetadata -i ${path("chapters")} -map_chapters 1`;
    await make(own.ffmpeg, `${clip} ${X264} ${path("in.mkv")}`);
    await copyVideo(codecOf(tools), path("in.mkv"), path("out.mkv"), { slowdown: rational(2) });
    const { chapters } = await probeFile(own, path("out.mkv"));
    assert.deepEqual([chapters.length, chapters.at(-1)?.tags?.title], [1800, "chapter 1799"]);
  });
});

testEachFfmpeg(ffmpegs, "Matroska keeps which streams are default and forced", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    await Deno.writeTextFile(path("in.srt"), "1\n00:00:00,000 --> 00:00:00,400\ntext\n");
    const sources = "-f lavfi -i testsrc2=s=32x18:r=24:d=0.5 -f lavfi -i sine=d=0.5";
    const maps = "-map 0 -map 1 -map 1 -map 2 -c:v libx264 -pix_fmt yuv420p -c:a aac -c:s srt";
    const flags = "-disposition:v 0 -disposition:a:0 0 -disposition:a:1 default -disposition:s:0 forced";
    await make(own.ffmpeg, `${sources} -i ${path("in.srt")} ${maps} ${flags} ${path("in.mkv")}`);
    await copyVideo(ffmpegMedia({ ffmpeg }), path("in.mkv"), path("out.mkv"));
    const flagsOf = async (name: string) =>
      (await probeFile(own, path(name))).streams.map(({ codec_type, disposition }) =>
        [codec_type, disposition?.default, Reflect.get(disposition ?? {}, "forced")].join(" ")
      );
    assert.deepEqual(await flagsOf("out.mkv"), ["video 0 0", "audio 0 0", "audio 1 0", "subtitle 0 1"]);
    assert.deepEqual(await flagsOf("out.mkv"), await flagsOf("in.mkv"));
  });
});
