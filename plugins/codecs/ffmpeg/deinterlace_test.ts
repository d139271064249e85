import assert from "node:assert/strict";
import { annotateDuplicates } from "@slomo/core/frames";
import type { Frame, Image } from "@slomo/core";
import { rational } from "@slomo/core/time";
import { make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { FfmpegReader } from "./read.ts";

const ffmpegs = await testFfmpegs();
const [own] = ffmpegs;
const CLIP = "-f lavfi -i testsrc2=s=128x96:r=50:d=1";

/** An interlaced video of 25 frames, of which the bottom or top field comes first. */
async function makeInterlaced(file: string, order: "tff" | "bff", codec: string): Promise<void> {
  const mode = order === "tff" ? "interleave_top" : "interleave_bottom";
  const filter = `-vf scroll=h=0.03,tinterlace=${mode},setfield=${order} -flags +ilme+ildct`;
  await make(own!.ffmpeg, `${CLIP} ${filter} ${codec} ${file}`);
}

async function read(reader: FfmpegReader, part = {}): Promise<Frame[]> {
  return await Array.fromAsync(reader.frames(part));
}

async function* toAsync(frames: readonly Frame[]) {
  yield* frames;
}

/** Mean difference between neighboring lines less that between lines two apart: high if two times are interleaved. */
function comb({ width, height, planes: [luma] }: Image): number {
  let sum = 0;
  for (let i = 2 * width; i < width * height; i++) {
    sum += Math.abs(luma![i]! - luma![i - width]!) - Math.abs(luma![i]! - luma![i - 2 * width]!);
  }
  return sum / (width * (height - 2));
}

const meanOf = (images: readonly Frame[]) => images.reduce((sum, { image }) => sum + comb(image), 0) / images.length;

testEachFfmpeg(ffmpegs, "deinterlace outputs one frame per field, at even times, without combing", async (tools) => {
  await withScratch(async ({ path }) => {
    const x264 = (order: string) => `-c:v libx264 -x264-params interlaced=1:${order}=1 -pix_fmt yuv420p`;
    await makeInterlaced(path("tff.mp4"), "tff", x264("tff"));
    await makeInterlaced(path("bff.mkv"), "bff", "-c:v ffv1 -pix_fmt yuv422p10le");
    await makeInterlaced(path("mpeg2.mkv"), "tff", "-c:v mpeg2video -q:v 2 -pix_fmt yuv420p");
    await make(own!.ffmpeg, `${CLIP} -vf scroll=h=0.03 -pix_fmt yuv420p -c:v ffv1 ${path("progressive.mkv")}`);
    const progressive = meanOf(await read(await FfmpegReader.open(tools, path("progressive.mkv"))));
    for (const [name, order] of [["tff.mp4", "tff"], ["bff.mkv", "bff"], ["mpeg2.mkv", "tff"]] as const) {
      const plain = await FfmpegReader.open(tools, path(name));
      const reader = await FfmpegReader.open(tools, path(name), { deinterlace: true });
      assert.deepEqual([plain.info.video.fieldOrder, plain.info.video.deinterlaced], [order, undefined], name);
      assert.deepEqual([reader.info.video.fieldOrder, reader.info.video.deinterlaced], ["progressive", {
        order,
        into: "fields",
      }]);
      assert.deepEqual(reader.info.video.rate, rational(50));
      const frames = await read(reader), times = frames.map(({ pts }) => pts);
      const step = times[1]! - times[0]!, tick = 1 / Number(reader.info.video.timebase.den);
      assert.equal(frames.length, 50, name);
      assert.ok(Math.abs(Number(step) * tick - 0.02) < 1e-9, `${name}: ${step}`);
      times.forEach((pts, i) => assert.equal(pts - times[0]!, BigInt(i) * step));
      assert.deepEqual(frames.at(-1)!.duration, step);
      const scale = 2 ** (reader.info.video.format.depth - 8);
      assert.ok(meanOf(await read(plain)) / scale > progressive + 10, `${name} is not combed`);
      assert.ok(
        meanOf(frames) / scale < progressive + 1,
        `${name}: ${meanOf(frames) / scale} instead of ${progressive}`,
      );
    }
  });
});

testEachFfmpeg(ffmpegs, "deinterlace restores telecined film, with its timestamps", async (tools) => {
  await withScratch(async ({ path }) => {
    const video = "-f lavfi -i testsrc2=s=320x180:r=24000/1001:d=2 -vf scroll=h=0.01,telecine=pattern=23";
    const flags = "-flags +ilme+ildct -c:v libx264 -x264-params interlaced=1:tff=1 -crf 20 -pix_fmt yuv420p";
    await make(own!.ffmpeg, `${video},setfield=tff ${flags} ${path("flagged.mp4")}`);
    await make(own!.ffmpeg, `${video} -c:v libx264 -crf 20 -pix_fmt yuv420p ${path("unflagged.mp4")}`);
    for (const name of ["flagged.mp4", "unflagged.mp4"]) {
      const reader = await FfmpegReader.open(tools, path(name), { deinterlace: true });
      assert.deepEqual(reader.info.video.deinterlaced, { order: "tff", into: "film" }, name);
      assert.deepEqual([reader.info.video.rate, reader.info.video.fieldOrder], [rational(30000, 1001), "progressive"]);
      const frames = await read(reader), as = await read(await FfmpegReader.open(tools, path(name)));
      assert.deepEqual(frames.map(({ pts }) => pts), as.map(({ pts }) => pts));
      const repeats: number[] = [];
      for await (const { pts, facts } of annotateDuplicates(toAsync(frames))) {
        if (facts.duplicate) repeats.push(Number(pts) / 1001);
      }
      assert.ok(repeats.length >= 11, repeats.join());
      assert.ok(repeats.every((at) => at % 5 === repeats[0]! % 5), repeats.join());
    }
  });
});

Deno.test("deinterlace starts and ends at given times", async () => {
  await withScratch(async ({ path }) => {
    await makeInterlaced(path("in.mkv"), "tff", "-c:v ffv1 -pix_fmt yuv420p");
    const reader = await FfmpegReader.open(own!, path("in.mkv"), { deinterlace: true });
    const frames = await read(reader, { start: rational(1, 2), end: rational(3, 4) });
    assert.equal(frames.length, 13);
    assert.deepEqual(frames.map(({ pts }) => Number(pts) / Number(reader.info.video.timebase.den)).slice(0, 2), [
      0.5,
      0.52,
    ]);
  });
});

Deno.test("deinterlace does not change a progressive video, and notes on interlaced video name the option", async () => {
  await withScratch(async ({ path }) => {
    await make(own!.ffmpeg, `${CLIP} -vf scroll=h=0.03 -c:v ffv1 ${path("plain.mkv")}`);
    const [plain, asked] = [
      await FfmpegReader.open(own!, path("plain.mkv")),
      await FfmpegReader.open(own!, path("plain.mkv"), { deinterlace: true }),
    ];
    assert.deepEqual(asked.info.video, plain.info.video);
    await makeInterlaced(path("in.mkv"), "tff", "-c:v ffv1");
    assert.match(
      (await FfmpegReader.open(own!, path("in.mkv"))).info.notes.join(),
      /interlaced \(top field first\).*`deinterlace`/,
    );
    assert.doesNotMatch(
      (await FfmpegReader.open(own!, path("in.mkv"), { deinterlace: true })).info.notes.join(),
      /interlaced/,
    );
  });
});
