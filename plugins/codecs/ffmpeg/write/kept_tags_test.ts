import assert from "node:assert/strict";
import { copyVideo, make, testEachFfmpeg, testEachFfmpegCases, testFfmpegs, withScratch } from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";

const ffmpegs = await testFfmpegs();
const [own] = ffmpegs;

testEachFfmpeg(
  ffmpegs,
  "pixels are converted, and this is reported, if a target cannot store range or matrix",
  async (tools) => {
    await withScratch(async ({ path }) => {
      const tags = "range=pc:color_primaries=bt709:color_trc=bt709:colorspace=bt709";
      await make(
        own!.ffmpeg,
        `-f lavfi -i nullsrc=s=64x36:r=8:d=1.5,format=yuv420p,geq=200:90:160,setparams=${tags} -c:v ffv1 -color_range pc -color_primaries bt709 -color_trc bt709 -colorspace bt709 ${
          path("full.mkv")
        }`,
      );
      const targets = [
        ["prores_ks", "mov", ["full range"], [188, 95, 156]],
        ["mpeg2video", "mkv", ["full range"], [188, 95, 156]],
        ["mpeg4", "ts", ["full range", "matrix tag bt709", "primaries tag bt709", "transfer tag bt709"], [
          188,
          95,
          156,
        ]],
        ["mjpeg", "mkv", ["color matrix bt709"], [202, 87, 162]],
      ] as const;
      for (const [encoder, ending, dropped, levels] of targets) {
        // The ffprobe of the npm package crashes on MPEG-TS.
        if (ending === "ts" && tools !== own) continue;
        const to = path(`${encoder}.${ending}`);
        const { plan } = await copyVideo(ffmpegMedia({ ffmpeg: tools.ffmpeg }), path("full.mkv"), to, { encoder });
        assert.deepEqual(plan.dropped.map(({ what }) => what), dropped, encoder);
        const codec = ffmpegMedia(), reader = await codec.source!.open(to);
        for await (const { image: { planes, format } } of reader.frames()) {
          planes.forEach((plane, i) => {
            const level = plane[0]! / 2 ** (format.depth - 8);
            assert.ok(Math.abs(level - levels[i]!) <= 1.5, `${encoder}: plane ${i} is ${level}, not ${levels[i]}`);
          });
        }
      }
    });
  },
);

const KEEPS = "each encoder keeps a color tag, or its loss is reported";
const FEW = ["libx264 mp4", "libvpx-vp9 webm", "ffv1 mkv", "prores_ks mov", "mpeg4 mp4", "mjpeg mkv", "libx264 ts"];
const MORE = ["libx264 mkv", "libx265 mp4", "mpeg2video mkv", "mpeg4 ts"];
testEachFfmpegCases(ffmpegs, KEEPS, FEW, MORE, async (tools, cases) => {
  const reader = ffmpegMedia({ ffmpeg: own!.ffmpeg });
  const targets = cases.filter((target) => tools === own || !target.endsWith(" ts"));
  await withScratch(async ({ path }) => {
    const tags = "range=pc:color_primaries=bt470bg:color_trc=smpte170m:colorspace=bt709";
    await make(
      own!.ffmpeg,
      `-f lavfi -i testsrc2=s=64x36:r=8:d=0.4 -vf format=yuv420p,setparams=${tags} -c:v ffv1 -color_range pc -color_primaries bt470bg -color_trc smpte170m -colorspace bt709 ${
        path("in.mkv")
      }`,
    );
    for (const target of targets) {
      const [encoder, ending] = target.split(" ") as [string, string], to = path(`${encoder}.${ending}`);
      const { info, plan } = await copyVideo(ffmpegMedia({ ffmpeg: tools.ffmpeg }), path("in.mkv"), to, { encoder });
      const given = info.video.color, written = await reader.source!.open(to), found = written.info.video.color;
      await written.close();
      const reported = (pattern: RegExp) => plan.dropped.some(({ what }) => pattern.test(what));
      const text = `${target}: ${JSON.stringify(found)}, reported ${plan.dropped.map(({ what }) => what)}`;
      assert.equal(reported(/^primaries tag/), found.primaries !== given.primaries, text);
      assert.equal(reported(/^transfer tag/), found.transfer !== given.transfer, text);
      assert.equal(reported(/^(color matrix|matrix tag)/), found.matrix !== given.matrix, text);
      assert.equal(reported(/^full range/), found.range !== given.range, text);
    }
  });
});
