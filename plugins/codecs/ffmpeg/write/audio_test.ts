import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import { copyVideo, make, testEachFfmpeg, testEachFfmpegCases, testFfmpegs, withScratch } from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { probeFile } from "../ffprobe.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const CLIP = "-f lavfi -i testsrc2=s=32x18:r=24:d=0.5 -f lavfi -i sine=d=0.5 -c:v libx264 -pix_fmt yuv420p";

testEachFfmpeg(
  ffmpegs,
  "audio that a muxer accepts but no player supports is converted, and other audio is not",
  async ({ ffmpeg }) => {
    await withScratch(async ({ path }) => {
      const codec = ffmpegMedia({ ffmpeg });
      const cases: [sound: string, from: string, to: string, becomes: string][] = [
        ["pcm_s16le", "mov", "ts", "aac"],
        ["flac", "mkv", "ts", "aac"],
        ["wmav2", "mkv", "mov", "aac"],
        ["ac3", "mkv", "ts", "ac3"],
        ["pcm_s16le", "mov", "mov", "pcm_s16le"],
      ];
      for (const [sound, from, to, becomes] of cases) {
        const job = path(`${sound}.${from}`), out = path(`${sound}-${from}.${to}`);
        await make(own.ffmpeg, `${CLIP} -c:a ${sound} ${job}`);
        const { plan } = await copyVideo(codec, job, out);
        const { streams } = await probeFile(own, out);
        const { codec_name } = streams.find(({ codec_type }) => codec_type === "audio") ?? {};
        assert.equal(codec_name, becomes, `${sound} in ${to}`);
        assert.equal(plan.notes.some((note) => /is converted to/.test(note)), becomes !== sound, `${plan.notes}`);
      }
    });
  },
);

const SIDE = { name: "side", layout: "5.1(side)", channels: 6, webm: 6, mp4: 6 };
const LOW = { name: "low", layout: "2.1", channels: 3, webm: 2, mp4: 3 };
const WIDE = { name: "wide", layout: "7.1(wide)", channels: 8, webm: 6, mp4: 8 };

testEachFfmpegCases(ffmpegs, "webm and mp4 keep every channel layout", [LOW, WIDE], [SIDE], async (tools, cases) => {
  await withScratch(async ({ path }) => {
    const codec = ffmpegMedia({ ffmpeg: tools.ffmpeg });
    for (const { name, layout, channels, ...kept } of cases) {
      const sound = `aevalsrc=${new Array(channels).fill("0.1*sin(t)").join("|")}:c=${layout}:d=0.5:s=48000`;
      const video = "-f lavfi -i testsrc2=s=32x18:r=24:d=0.5 -c:v libx264 -pix_fmt yuv420p -c:a flac";
      await make(own.ffmpeg, ["-f", "lavfi", "-i", sound, ...video.split(" "), path(`${name}.mkv`)]);
      for (const ending of ["webm", "mp4"] as const) {
        const { plan } = await copyVideo(codec, path(`${name}.mkv`), path(`${name}.${ending}`));
        const { streams } = await probeFile(own, path(`${name}.${ending}`));
        assert.deepEqual([streams[1]?.channels, plan.dropped], [kept[ending], []], `${layout} in ${ending}`);
      }
    }
  });
});

testEachFfmpeg(ffmpegs, "stretched audio keeps its channels if AAC lacks their layout", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    const layouts = { "5.1(side)": 6, "5.0(side)": 5, "4.1": 5, "6.0": 6, "quad(side)": 4, "hexagonal": 6 };
    for (const [layout, channels] of Object.entries(layouts)) {
      const sound = `aevalsrc=${new Array(channels).fill("0.1*sin(t)").join("|")}:c=${layout}:d=0.5:s=48000`;
      const video = "-f lavfi -i testsrc2=s=32x18:r=24:d=0.5 -c:v libx264 -pix_fmt yuv420p -c:a flac";
      await make(own.ffmpeg, ["-f", "lavfi", "-i", sound, ...video.split(" "), path(`${layout}.mkv`)]);
      const out = path(`${layout}.mp4`);
      await copyVideo(ffmpegMedia({ ffmpeg }), path(`${layout}.mkv`), out, {
        slowdown: rational(2),
        audio: "stretch",
      });
      const { streams } = await probeFile(own, out);
      // That of 4.1 becomes 5.1, with its low-frequency channel.
      assert.ok(streams[1]!.channels! >= channels, `${layout}: ${streams[1]!.channels} channels`);
    }
  });
});

testEachFfmpeg(
  ffmpegs,
  "stretched audio of MPEG-TS has the duration of all its packets",
  async ({ ffmpeg, version }) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `${CLIP} -c:a aac ${path("in.ts")}`);
      const job = copyVideo(ffmpegMedia({ ffmpeg }), path("in.ts"), path("o.mkv"), {
        slowdown: rational(4),
        audio: "stretch",
      });
      // The ffprobe that comes with ffmpeg 4.1 for npm cannot read MPEG-TS.
      if (version.text.includes("static")) return await assert.rejects(job, { name: "UsageError", message: /SIGSEGV/ });
      await job;
      const args = ["-v", "error", "-i", path("o.mkv"), "-map", "0:a", "-f", "s16le", "-ac", "1", "-ar", "1000", "-"];
      const { stdout } = await new Deno.Command(own.ffmpeg, { args }).output();
      assert.ok(Math.abs(stdout.length / 2000 - 4 * 0.5) < 0.15, `${stdout.length / 2000} s`);
    });
  },
);

testEachFfmpeg(ffmpegs, "a sudden sound stays in sync in slow motion", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    const beep = "aevalsrc='if(between(t,1,1.1),sin(6283*t),0)':d=2:s=48000";
    const video = "-f lavfi -i testsrc2=s=32x18:r=24:d=2 -c:v libx264 -pix_fmt yuv420p -c:a flac";
    await make(own.ffmpeg, ["-f", "lavfi", "-i", beep, ...video.split(" "), path("in.mkv")]);
    for (const factor of [2, 8]) {
      const out = path(`${factor}.mkv`), slowdown = rational(factor);
      await copyVideo(ffmpegMedia({ ffmpeg }), path("in.mkv"), out, { slowdown, audio: "stretch" });
      const args = ["-v", "error", "-i", out, "-map", "0:a", "-f", "s16le", "-ac", "1", "-ar", "8000", "-"];
      const { stdout } = await new Deno.Command(own.ffmpeg, { args }).output();
      const begun = new Int16Array(stdout.buffer).findIndex((sample) => Math.abs(sample) > 1000) / 8000;
      assert.ok(Math.abs(begun - factor) < 0.01, `the sound of ${factor} s is at ${begun} s`);
    }
  });
});

testEachFfmpeg(ffmpegs, "audio that an edit list hides stays hidden in every container", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    const sources = "-f lavfi -i testsrc2=s=32x18:r=25:d=2 -f lavfi -i sine=d=2:r=48000";
    await make(own.ffmpeg, `${sources} -c:v libx264 -g 100 -pix_fmt yuv420p -c:a aac ${path("whole.mp4")}`);
    await make(own.ffmpeg, `-ss 0.7 -i ${path("whole.mp4")} -c copy ${path("cut.mp4")}`);
    for (const ending of ["mp4", "mkv", "ts"]) {
      const out = path(`out.${ending}`);
      await copyVideo(ffmpegMedia({ ffmpeg }), path("cut.mp4"), out);
      const args = ["-v", "error", "-i", out, "-map", "0:a", "-f", "s16le", "-ac", "1", "-ar", "1000", "-"];
      const { stdout } = await new Deno.Command(ffmpeg, { args }).output(), seconds = stdout.length / 2000;
      assert.ok(Math.abs(seconds - 1.3) < 0.03, `${ending}: ${seconds} s of audio`);
    }
  });
});

testEachFfmpeg(ffmpegs, "more than eight channels are kept where possible, otherwise reported", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    const codec = ffmpegMedia({ ffmpeg }), tones = Array.from({ length: 16 }, (_, i) => `0.1*sin(${300 + 50 * i}*t)`);
    const sound = `aevalsrc=${tones.join("|")}:d=0.5:s=48000`, video = "-f lavfi -i testsrc2=s=32x18:r=24:d=0.5";
    const encoders = `${video} -c:v mpeg4 -c:a pcm_s16le ${path("wide.mov")}`;
    await make(own.ffmpeg, ["-f", "lavfi", "-i", sound, ...encoders.split(" ")]);
    const cases = [["mp4", 1, "aac|pcm_s16le"], ["mp4", 2, "aac"], ["mkv", 2, "pcm_s24le"], ["mov", 2, "pcm_s24le"]];
    for (const [ending, slowdown, codecs] of cases as [string, number, string][]) {
      const out = path(`${slowdown}.${ending}`), audio = slowdown === 1 ? "keep" : "stretch";
      const { plan } = await copyVideo(codec, path("wide.mov"), out, { audio, slowdown: rational(slowdown) });
      const { streams } = await probeFile(own, out);
      const { codec_name = "", channels } = streams.find(({ codec_type }) => codec_type === "audio")!;
      assert.ok(codecs.split("|").includes(codec_name), `${ending}: ${codec_name}`);
      // ffmpeg 9 stores PCM in mp4.
      const isLossy = codec_name === "aac", lost = isLossy ? ["channels 9 to 16 of audio stream 1 (pcm_s16le)"] : [];
      assert.equal(channels, isLossy ? 8 : 16, ending);
      assert.deepEqual(plan.dropped.map(({ what }) => what), lost, ending);
    }
  });
});

testEachFfmpeg(ffmpegs, "an empty audio stream that the container does not store is reported", async ({ ffmpeg }) => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `${CLIP} -c:a pcm_s16le -af atrim=end=0 ${path("empty.mkv")}`);
    await make(own.ffmpeg, `${CLIP} -c:a pcm_s16le ${path("full.mkv")}`);
    for (const [name, dropped] of [["empty", ["it is empty"]], ["full", []]] as const) {
      const { plan } = await copyVideo(ffmpegMedia({ ffmpeg }), path(`${name}.mkv`), path(`${name}.mov`));
      assert.deepEqual(plan.dropped.map(({ why }) => why), dropped);
    }
  });
});
