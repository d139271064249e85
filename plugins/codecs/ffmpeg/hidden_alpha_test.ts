import assert from "node:assert/strict";
import { copyVideo, make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { ffmpegMedia } from "./media.ts";
import { probeMedia } from "./probe.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

const SAMPLES = 32 * 32;

const meanOf = (plane: Iterable<number>) => Math.round([...plane].reduce((sum, a) => sum + a, 0) / SAMPLES);

/** Returns the mean alpha of each frame of a video. */
async function alphaOf(file: string, decoder: string): Promise<number[]> {
  const alpha = ["-vf", "alphaextract", "-f", "rawvideo", "-"];
  const command = new Deno.Command(own.ffmpeg, { args: ["-v", "error", "-c:v", decoder, "-i", file, ...alpha] });
  const { stdout } = await command.output();
  return Array.from(
    { length: stdout.length / SAMPLES },
    (_, i) => meanOf(stdout.subarray(i * SAMPLES, (i + 1) * SAMPLES)),
  );
}

testEachFfmpeg(ffmpegs, "the alpha channel of WebM is read and written, for VP8 and VP9", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const decoder of ["libvpx", "libvpx-vp9"]) {
      const fading = "color=red:s=32x32:r=8:d=0.5,format=yuva420p,geq=lum=80:cb=90:cr=200:a=40*N";
      const [from, to] = [path(`${decoder}.webm`), path(`${decoder}-out.webm`)];
      await make(own.ffmpeg, `-f lavfi -i ${fading} -c:v ${decoder} -auto-alt-ref 0 -b:v 1M -pix_fmt yuva420p ${from}`);
      const { info, frames } = await copyVideo(ffmpegMedia({ ffmpeg: tools.ffmpeg }), from, to, { encoder: decoder });
      assert.ok(info.video.format.alpha);
      const means = frames.map(({ image }) => meanOf(image.planes[3]!));
      means.forEach((mean, index) => assert.ok(Math.abs(mean - 40 * index) < 4, `${decoder}: ${means}`));
      const written = await alphaOf(to, decoder);
      assert.equal(written.length, 4);
      written.forEach((mean, index) => assert.ok(Math.abs(mean - 40 * index) < 8, `${decoder}: ${written}`));
    }
  });
});

Deno.test("probeMedia() notes that the alpha channel of WebM is not read if ffmpeg has no decoder for it", async () => {
  await withScratch(async ({ path }) => {
    const clip = "-f lavfi -i color=red:s=32x32:r=8:d=0.5 -c:v libvpx-vp9 -pix_fmt yuva420p";
    await make(own.ffmpeg, `${clip} ${path("a.webm")}`);
    const without = path("ffmpeg");
    await Deno.writeTextFile(without, `#!/bin/sh\necho "Codec is not recognized by FFmpeg."\n`, { mode: 0o755 });
    const { info: { notes, video } } = await probeMedia({ ...own, ffmpeg: without }, path("a.webm"));
    assert.ok(!video.format.alpha);
    assert.ok(
      notes.some((note) => note.startsWith("the alpha channel of this VP8 or VP9 video is not read")),
      notes.join("; "),
    );
  });
});

testEachFfmpeg(ffmpegs, "WebM that is marked as having alpha is read without it if no frame has any", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const encoder of ["libvpx", "libvpx-vp9"]) {
      const from = path(`${encoder}.webm`), marked = "-pix_fmt yuv420p -metadata:s:v:0 alpha_mode=1";
      await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x32:r=8:d=0.5 -c:v ${encoder} ${marked} ${from}`);
      const { info, frames, plan } = await copyVideo(
        ffmpegMedia({ ffmpeg: tools.ffmpeg }),
        from,
        path(`${encoder}.mp4`),
      );
      assert.deepEqual([info.video.format.alpha, frames.length, plan.dropped], [false, 4, []]);
      assert.ok(!info.notes.some((note) => note.includes("alpha")), info.notes.join("; "));
    }
  });
});

testEachFfmpeg(ffmpegs, "frames of WebM without alpha data are opaque if other frames have some", async (tools) => {
  await withScratch(async ({ path }) => {
    const source = "-f lavfi -i color=red@0.5:s=32x32:r=8:d=0.5,format=yuva420p -c:v libvpx -auto-alt-ref 0 -g 1";
    await make(own.ffmpeg, `${source} -pix_fmt yuv420p -metadata:s:v:0 alpha_mode=1 ${path("a.webm")}`);
    await make(own.ffmpeg, `${source} -pix_fmt yuva420p ${path("b.webm")}`);
    for (const order of ["ab", "ba"]) {
      const list = [...order].map((name) => `file ${path(`${name}.webm`)}\n`).join("");
      await Deno.writeTextFile(path("list.txt"), list);
      const marked = `-c copy -metadata:s:v:0 alpha_mode=1 ${path(`${order}.webm`)}`;
      await make(own.ffmpeg, `-f concat -safe 0 -i ${path("list.txt")} ${marked}`);
      const { frames } = await copyVideo(
        ffmpegMedia({ ffmpeg: tools.ffmpeg }),
        path(`${order}.webm`),
        path(`${order}.mkv`),
      );
      const means = frames.map(({ image }) => meanOf(image.planes[3]!));
      const wanted = [...order].flatMap((name) => Array(4).fill(name === "a" ? 255 : 128));
      means.forEach((mean, i) => assert.ok(Math.abs(mean - wanted[i]) < 4, `${order}: ${means}`));
    }
  });
});
