import assert from "node:assert/strict";
import { make, withScratch } from "../testing/clips.ts";
import { testFfmpegs } from "../testing/ffmpegs.ts";
import { ffmpegCodec } from "./codec.ts";

const own = (await testFfmpegs())[0]!;

Deno.test("ffmpegCodec() takes video files, named or there, and leaves pictures and folders to others", async () => {
  const { source, sink } = ffmpegCodec();
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

Deno.test("ffmpegCodec() looks for ffmpeg only when it is needed", async () => {
  const codec = ffmpegCodec({ ffmpeg: "/nowhere/ffmpeg" });
  assert.equal(await codec.sink!.accepts("a.mp4"), true);
  await assert.rejects(codec.source!.probe("a.mp4"), {
    name: "UsageError",
    message: /there is no file \/nowhere\/ffmpeg/,
  });
});

Deno.test("ffmpegCodec() reads by an info that was copied", async () => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x18:r=8:d=0.5 -c:v png -pix_fmt rgb24 ${path("a.mov")}`);
    const { source } = ffmpegCodec(), info = { ...await source!.probe(path("a.mov")) };
    const models = [];
    for await (const { image } of source!.read(info)) models.push(image.format.model);
    assert.deepEqual(models, ["rgb", "rgb", "rgb", "rgb"]);
  });
});
