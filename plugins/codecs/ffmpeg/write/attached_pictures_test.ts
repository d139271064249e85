import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import { type CopyOptions, copyVideo, make, testEachFfmpeg, testFfmpegs, withScratch } from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { probeFile } from "../ffprobe.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

testEachFfmpeg(
  ffmpegs,
  "cover art stays cover art in mkv and mp4, also of a part, with fonts and audio",
  async ({ ffmpeg }) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `-f lavfi -i color=red:s=16x16 -frames:v 1 ${path("c.png")}`);
      await Deno.writeTextFile(path("f.ttf"), "a font");
      const clip = "-f lavfi -i testsrc2=s=32x18:r=10:d=2 -f lavfi -i sine=d=2 -c:v libx264 -pix_fmt yuv420p -c:a aac";
      const attached = (name: string, kind: string, at: number) =>
        `-attach ${path(name)} -metadata:s:t:${at} mimetype=${kind} -metadata:s:t:${at} filename=${name}`;
      await make(
        own.ffmpeg,
        `${clip} ${attached("c.png", "image/png", 0)} ${attached("f.ttf", "font/ttf", 1)} ${path("in.mkv")}`,
      );
      const { plan: { dropped } } = await copyVideo(ffmpegMedia({ ffmpeg }), path("in.mkv"), path("o.mov"));
      assert.deepEqual(dropped.map(({ what }) => what.split(" stream", 1)[0]), ["attached picture", "attachment"]);
      const cases: [ending: string, options: CopyOptions][] = [["mkv", {}], ["mp4", { start: rational(1) }]];
      for (const [ending, options] of cases) {
        const to = path(`o.${ending}`),
          { plan } = await copyVideo(ffmpegMedia({ ffmpeg }), path("in.mkv"), to, options);
        const { streams } = await probeFile(own, to);
        const found = streams.map(({ codec_type, disposition, tags }) =>
          disposition?.attached_pic ? "cover" : `${codec_type} ${tags?.filename ?? ""}`.trim()
        );
        const font = ending === "mkv" ? ["attachment f.ttf"] : [];
        assert.deepEqual(found.sort(), ["audio", "video", "cover", ...font].sort(), ending);
        assert.equal(plan.dropped.length, 1 - font.length);
        const index = streams.find(({ disposition }) => disposition?.attached_pic)!.index;
        await make(own.ffmpeg, `-i ${to} -map 0:${index} -c copy -frames:v 1 -f image2 ${path("out.png")}`);
        assert.deepEqual(await Deno.readFile(path("out.png")), await Deno.readFile(path("c.png")), ending);
      }
    });
  },
);
