import assert from "node:assert/strict";
import { make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { ffmpegMedia } from "./media.ts";

const ffmpegs = await testFfmpegs();
const [own] = ffmpegs;

testEachFfmpeg(ffmpegs, "a video whose frames change size or pixel format causes a warning", async (tools) => {
  await withScratch(async ({ path }) => {
    const part = async (name: string, size: string, format: string) => {
      const video = `-f lavfi -i testsrc2=s=${size}:r=8:d=0.5 -pix_fmt ${format} -c:v libx264 ${path(name)}`;
      await make(own!.ffmpeg, video);
      return await Deno.readFile(path(name));
    };
    const first = await part("a.h264", "64x48", "yuv420p");
    const cases: [Uint8Array, RegExp | undefined][] = [
      [await part("b.h264", "96x64", "yuv420p"), /change from 64×48 to 96×64; all are scaled to the first size/],
      [await part("c.h264", "64x48", "yuv444p"), /change their pixel format; all are converted to the first/],
      [await part("d.h264", "64x48", "yuv420p"), undefined],
    ];
    for (const [second, said] of cases) {
      await Deno.writeFile(path("both.h264"), new Uint8Array([...first, ...second]));
      const codec = ffmpegMedia({ ffmpeg: tools.ffmpeg }), warnings: string[] = [];
      const reader = await codec.source!.open(path("both.h264"));
      const frames = await Array.fromAsync(reader.frames({ onWarning: (text) => warnings.push(text) }));
      const { width, height } = reader.info.video;
      assert.deepEqual([width, height, frames.length], [64, 48, 8]);
      assert.equal(warnings.length, said ? 1 : 0, warnings.join());
      if (said) assert.match(warnings[0]!, said);
    }
  });
});
