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
