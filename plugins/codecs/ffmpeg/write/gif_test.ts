import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import type { Resumption } from "@slomo/core";
import { copyVideo, framePts, make, streamHash, testEachFfmpeg, testFfmpegs, withScratch } from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import type { FfmpegTools } from "../locate.ts";
import { gifLoop } from "./gif_writer.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const codecOf = ({ ffmpeg }: FfmpegTools) => ffmpegMedia({ ffmpeg });

testEachFfmpeg(ffmpegs, "a GIF keeps its colors, timestamps and loop count", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const loop of [0, -1, 3]) {
      await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x18:r=10:d=1 -loop ${loop} ${path(`${loop}.gif`)}`);
      const { plan } = await copyVideo(codecOf(tools), path(`${loop}.gif`), path(`${loop}.o.gif`));
      assert.deepEqual([plan.dropped, plan.maxRate], [[], rational(50)]);
      const file = await Deno.readFile(path(`${loop}.o.gif`));
      assert.equal(gifLoop(file), loop);
      assert.deepEqual(
        await streamHash(own.ffmpeg, path(`${loop}.o.gif`)),
        await streamHash(own.ffmpeg, path(`${loop}.gif`)),
      );
      assert.deepEqual((await ffmpegMedia().source!.open(path(`${loop}.o.gif`))).info.video.duration, rational(1));
    }
  });
});

testEachFfmpeg(
  ffmpegs,
  "rates that a GIF cannot store are distributed over hundredths of a second, with the same duration",
  async (tools) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x18:r=30:d=1 -c:v ffv1 ${path("a.mkv")}`);
      await copyVideo(codecOf(tools), path("a.mkv"), path("o.gif"));
      const timestamps = (await framePts(own.ffprobe, path("o.gif"))).map(Number);
      assert.deepEqual(timestamps.slice(0, 7), [0, 3, 7, 10, 13, 17, 20]);
      assert.deepEqual((await ffmpegMedia().source!.open(path("o.gif"))).info.video.duration, rational(1));
    });
  },
);

testEachFfmpeg(ffmpegs, "still regions of a GIF do not flicker", async (tools) => {
  await withScratch(async ({ path }) => {
    const still = "gradients=s=32x32:c0=red:c1=blue:x0=0:y0=0:x1=31:y1=31:speed=0.00001:d=1:r=8";
    await make(
      own.ffmpeg,
      `-f lavfi -i ${still} -vf drawbox=x='0':y=0:w=8:h=8:c=white@1:t=fill:enable='eq(mod(n,2),0)' -c:v ffv1 -pix_fmt gbrp ${
        path("a.mkv")
      }`,
    );
    await make(own.ffmpeg, `-i ${path("a.mkv")} -vf crop=16:32:16:0 -c:v ffv1 ${path("b.mkv")}`);
    await copyVideo(codecOf(tools), path("a.mkv"), path("o.gif"));
    await make(own.ffmpeg, `-i ${path("o.gif")} -vf crop=16:32:16:0 -c:v ffv1 -pix_fmt bgra ${path("c.mkv")}`);
    const [before, after] = [await streamHash(own.ffmpeg, path("b.mkv")), await streamHash(own.ffmpeg, path("c.mkv"))];
    assert.ok(
      new Set(after).size <= new Set(before).size,
      `${new Set(after).size} distinct frames, ${new Set(before).size} in the source`,
    );
  });
});

Deno.test("gifLoop() reads the application block, or its absence", () => {
  const block = [...new TextEncoder().encode("GIF89a....!.NETSCAPE2.0"), 3, 1, 5, 1, 0];
  assert.equal(gifLoop(Uint8Array.from(block)), 261);
  assert.equal(gifLoop(new TextEncoder().encode("GIF89a")), -1);
});

Deno.test("a GIF ignores resume with a note, and an aborted one leaves no files", async () => {
  await withScratch(async ({ folder, path }) => {
    const { ffmpeg } = ffmpegs[0]!, said: string[] = [];
    await make(ffmpeg, `-f lavfi -i testsrc2=s=32x18:r=10:d=0.5 ${path("a.gif")}`);
    const onEvent: Resumption["onEvent"] = ({ message }) => said.push(message);
    const resumption = { facts: () => Promise.reject(new Error("a GIF is not resumed")), resume: true, onEvent };
    await copyVideo(ffmpegMedia({ ffmpeg }), path("a.gif"), path("o.gif"), { resumption });
    assert.match(said.join(), /^a GIF .* is written in one run; `resume` is ignored$/);
    assert.equal((await Array.fromAsync(Deno.readDir(folder))).length, 2);
  });
});

Deno.test("a GIF of more than 65535 pixels a side is rejected before work starts", async () => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i color=s=66000x2:r=8:d=0.4 -c:v ffv1 -pix_fmt yuv420p ${path("a.mkv")}`);
    await assert.rejects(copyVideo(codecOf(own), path("a.mkv"), path("o.gif")), {
      name: "UsageError",
      message: /gif: cannot write 66000×2: the limit is 65535 pixels a side/,
    });
  });
});
