import assert from "node:assert/strict";
import type { MediaReader } from "@slomo/core";
import { make, testFfmpegs, withScratch, writeOptions } from "../_testing.ts";
import { ffmpegMedia } from "./media.ts";

const own = (await testFfmpegs())[0]!;

Deno.test("ffmpegMedia() accepts video files, and leaves images and folders to other handlers", async () => {
  const { source, sink } = ffmpegMedia();
  await withScratch(async ({ folder, path }) => {
    await Deno.writeTextFile(path("noending"), "x");
    const read = await Promise.all(
      ["a.mp4", "frame.PNG", "noending", "other"].map((name) => source!.accepts(path(name))),
    );
    assert.deepEqual([...read, await source!.accepts(folder)], [true, false, true, false, false]);
    const written = await Promise.all(
      ["a.mp4", "a.WEBM", "a.png", "a.avi", "a"].map((name) => sink!.accepts(path(name))),
    );
    assert.deepEqual(written, [true, true, false, false, false]);
  });
});

Deno.test("ffmpegMedia() locates ffmpeg only when it is needed", async () => {
  const codec = ffmpegMedia({ ffmpeg: "/nowhere/ffmpeg" });
  assert.equal(await codec.sink!.accepts("a.mp4"), true);
  await assert.rejects(codec.source!.open("a.mp4"), {
    name: "UsageError",
    message: /there is no file \/nowhere\/ffmpeg/,
  });
});

Deno.test("ffmpegMedia() reads a video more than once, until it is closed, and plans for another handler's reader", async () => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x18:r=8:d=0.5 -c:v png -pix_fmt rgb24 ${path("a.mov")}`);
    const { source, sink } = ffmpegMedia(), reader = await source!.open(path("a.mov"));
    for (let pass = 0; pass < 2; pass++) {
      const models = [];
      for await (const { image } of reader.frames()) models.push(image.format.model);
      assert.deepEqual(models, ["rgb", "rgb", "rgb", "rgb"]);
    }
    const foreign: MediaReader = { info: reader.info, frames: () => reader.frames(), close: () => reader.close() };
    assert.equal((await sink!.plan(writeOptions(foreign, path("o.mov")))).container, "mov");
    await assert.rejects(async () => {
      for await (const _ of reader.frames()) await reader.close();
    }, { name: "JobError", message: /a\.mov: cannot read frames: the source is closed/ });
  });
});
