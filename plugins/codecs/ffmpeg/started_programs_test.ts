import assert from "node:assert/strict";
import { copyVideo, make, type Scratch, testFfmpegs, withScratch, writeOptions } from "../_testing.ts";
import { ON_WINDOWS, testUnless } from "../../../tests/_unless.ts";
import { ffmpegMedia } from "./media.ts";
import { FfmpegReader } from "./read.ts";

const own = (await testFfmpegs())[0]!;
const FRAMES = "-f lavfi -i testsrc2=s=64x36:r=24:d=0.5", H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
const CLIP = `${FRAMES} ${H264}`, CLIP_WITH_SOUND = `${FRAMES} -f lavfi -i sine=d=0.5 ${H264} -c:a aac`;

/** Creates programs that write their command lines into a log; returns a function that reads it. */
async function logged({ path }: Scratch): Promise<() => Promise<string[]>> {
  for (const name of ["ffmpeg", "ffprobe"] as const) {
    const source = `#!/bin/sh\necho "${name} $*" >> "${path("log")}"\nexec "${own[name]}" "$@"\n`;
    await Deno.writeTextFile(path(name), source, { mode: 0o755 });
  }
  return async () => (await Deno.readTextFile(path("log"))).trim().split("\n");
}

testUnless(ON_WINDOWS, "a video whose first packet is one of its frames is probed by one process", async () => {
  await withScratch(async (scratch) => {
    const { path } = scratch, log = await logged(scratch);
    const tools = { ...own, ffmpeg: path("ffmpeg"), ffprobe: path("ffprobe") };
    await make(own.ffmpeg, `${CLIP} ${path("in.mp4")}`);
    const plain = await FfmpegReader.open(own, path("in.mp4")), reader = await FfmpegReader.open(tools, path("in.mp4"));
    assert.deepEqual([reader.info, reader.details], [plain.info, plain.details]);
    assert.equal((await log()).length, 1, (await log()).join("\n"));
  });
});

testUnless(
  ON_WINDOWS,
  "the last packet is only probed if the stream does not tell the duration of the last frame",
  async () => {
    await withScratch(async (scratch) => {
      const { path } = scratch, log = await logged(scratch);
      const tools = { ...own, ffmpeg: path("ffmpeg"), ffprobe: path("ffprobe") };
      // Matroska stores no duration of a stream, and timestamps in milliseconds.
      for (const [name, duration, probes] of [["in.mp4", 1 / 24, 0], ["in.mkv", 0.042, 1]] as const) {
        await make(own.ffmpeg, `${CLIP} ${path(name)}`);
        const frames = await Array.fromAsync((await FfmpegReader.open(tools, path(name))).frames());
        const last = frames.at(-1)!, { num, den } = last.timebase;
        assert.ok(Math.abs(Number(last.duration! * num) / Number(den) - duration) < 0.0011, name);
        assert.equal((await log()).filter((line) => line.includes("packet=pts,duration")).length, probes, name);
      }
    });
  },
);

testUnless(ON_WINDOWS, "a video of one segment is written without checks of its decoder configuration", async () => {
  await withScratch(async (scratch) => {
    const { path } = scratch, log = await logged(scratch);
    await make(own.ffmpeg, `${CLIP} ${path("in.mp4")}`);
    const checks = async () => (await log()).filter((line) => line.includes("extradata_hash")).length;
    await copyVideo(ffmpegMedia({ ffmpeg: path("ffmpeg") }), path("in.mp4"), path("whole.mp4"));
    assert.equal(await checks(), 0);
    await copyVideo(ffmpegMedia({ ffmpeg: path("ffmpeg"), segmentFrames: 5 }), path("in.mp4"), path("parts.mp4"));
    assert.equal(await checks(), 3);
  });
});

/** Makes a program fail, but keeps its size and date. */
async function breakProgram(path: string): Promise<void> {
  const { size, mtime, atime } = await Deno.stat(path);
  await Deno.writeTextFile(path, "exit 3\n");
  // Sparse, because a program that is started by a large process starts slowly.
  await Deno.truncate(path, size);
  await Deno.utime(path, atime!, mtime!);
}

testUnless(ON_WINDOWS, "a trial that has succeeded is not repeated, but another one is", async () => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `${CLIP} ${path("in.mp4")}`);
    await make(own.ffmpeg, `${CLIP_WITH_SOUND} ${path("sound.mp4")}`);
    const programs = [path("ffmpeg"), path("ffprobe")] as const;
    await Promise.all([own.ffmpeg, own.ffprobe].map((from, i) => Deno.copyFile(from, programs[i]!)));
    const handler = ffmpegMedia({ ffmpeg: path("ffmpeg") });
    const plan = async (input: string, crf?: number) => {
      const reader = await FfmpegReader.open(own, path(input));
      const { dropped, notes, pixelFormat } = await handler.sink!.plan(writeOptions(reader, path("out.mp4"), { crf }));
      return { dropped, notes, pixelFormat };
    };
    const first = await plan("in.mp4"), withSound = await plan("sound.mp4");
    await Promise.all(programs.map(breakProgram));
    assert.deepEqual(await plan("in.mp4"), first);
    assert.deepEqual(await plan("sound.mp4"), withSound);
    await assert.rejects(plan("in.mp4", 30), /cannot/);
    const { mtime } = await Deno.stat(path("sound.mp4"));
    await Deno.utime(path("sound.mp4"), mtime!, new Date(mtime!.getTime() + 5000));
    assert.equal((await plan("sound.mp4")).dropped.length, withSound.dropped.length + 1, "the sound is tried again");
  });
});
