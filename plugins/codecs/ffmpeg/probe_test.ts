import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import { make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { probeMedia } from "./probe.ts";
import { ON_WINDOWS, testUnless } from "../../../tests/_unless.ts";

const ffmpegs = await testFfmpegs();
const [own] = ffmpegs;
const CLIP = "-f lavfi -i testsrc2=s=32x18:r=24000/1001:d=0.5";

testEachFfmpeg(ffmpegs, "probeMedia() gives sizes, rates, times and streams", async (tools) => {
  await withScratch(async ({ path }) => {
    const file = path("a.mp4");
    await make(
      own!.ffmpeg,
      `${CLIP} -f lavfi -i sine=d=0.5 -c:v libx264 -pix_fmt yuv420p -c:a aac -metadata:s:a:0 language=jpn ${file}`,
    );
    const { info: { container, video, streams } } = await probeMedia(tools, file);
    assert.equal(container, "mp4");
    assert.deepEqual(video.format, { model: "yuv", depth: 8, chroma: [2, 2], alpha: false });
    assert.deepEqual([video.width, video.height, video.rate, video.constantRate], [
      32,
      18,
      rational(24000, 1001),
      true,
    ]);
    assert.deepEqual([video.start, video.duration, video.timebase], [
      rational(0),
      rational(1001, 2000),
      rational(1, 24000),
    ]);
    assert.deepEqual(streams.map(({ kind, codec, language }) => [kind, codec, language]), [
      ["video", "h264", undefined],
      ["audio", "aac", "jpn"],
    ]);
  });
});

Deno.test("probeMedia() keeps absent color tags absent and notes the assumed matrix", async () => {
  await withScratch(async ({ path }) => {
    await make(own!.ffmpeg, `${CLIP} -c:v ffv1 -pix_fmt yuv422p10le ${path("plain.mkv")}`);
    const { info: plain } = await probeMedia(own!, path("plain.mkv"));
    assert.deepEqual([plain.video.color.matrix, plain.video.color.primaries, plain.video.color.transfer], [
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual([plain.video.format.depth, plain.video.format.chroma], [10, [2, 1]]);
    const assumed = "the color matrix is not tagged: BT.601 is assumed, as below 720 lines";
    assert.deepEqual([plain.notes, plain.assumptions], [[], [assumed]]);
    await make(own!.ffmpeg, `-f lavfi -i color=s=1280x534:d=0.1 -c:v ffv1 -pix_fmt yuv420p ${path("cropped.mkv")}`);
    const { info: cropped } = await probeMedia(own!, path("cropped.mkv"));
    assert.deepEqual([cropped.notes, cropped.assumptions], [[`${assumed}; players differ for this size`], []]);
    const tags =
      "-vf setparams=range=pc:color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc -color_range pc -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc";
    await make(own!.ffmpeg, `${CLIP} ${tags} -c:v ffv1 -pix_fmt yuv420p ${path("tagged.mkv")}`);
    const wrong = "-vf setparams=colorspace=gbr -colorspace rgb";
    await make(own!.ffmpeg, `${CLIP} ${wrong} -c:v ffv1 -pix_fmt yuv420p ${path("wrong.mkv")}`);
    const { info: { video, notes } } = await probeMedia(own!, path("wrong.mkv"));
    assert.deepEqual([video.color.matrix, notes.length], [undefined, 1]);
    assert.match(notes[0]!, /tagged gbr, which is invalid for YUV/);
    const { color } = (await probeMedia(own!, path("tagged.mkv"))).info.video;
    assert.deepEqual({ ...color, chromaLocation: undefined }, {
      matrix: "bt2020nc",
      range: "full",
      primaries: "bt2020",
      transfer: "smpte2084",
      chromaLocation: undefined,
    });
  });
});

Deno.test("probeMedia() converts packed, paletted and gray formats into planar ones", async () => {
  await withScratch(async ({ path }) => {
    const layouts = {
      rgb24: ["rgb", 8, false],
      pal8: ["rgb", 8, true],
      rgba64be: ["rgb", 16, true],
      gray16be: ["gray", 16, false],
    };
    for (const [name, layout] of Object.entries(layouts)) {
      await make(own!.ffmpeg, `${CLIP} -frames:v 1 -c:v png -pix_fmt ${name} ${path(`${name}.mov`)}`);
      const { model, depth, alpha } = (await probeMedia(own!, path(`${name}.mov`))).info.video.format;
      assert.deepEqual([model, depth, alpha], layout, name);
    }
  });
});

Deno.test("probeMedia() distinguishes interlaced from progressive video, with a note", async () => {
  await withScratch(async ({ path }) => {
    const filter = "tinterlace=interleave_top,setfield=tff";
    await make(
      own!.ffmpeg,
      `-f lavfi -i testsrc2=s=64x48:r=50:d=0.4 -vf ${filter} -c:v libx264 -flags +ilme+ildct -pix_fmt yuv420p ${
        path("i.mp4")
      }`,
    );
    const { info: { video, notes } } = await probeMedia(own!, path("i.mp4"));
    assert.equal(video.fieldOrder, "tff");
    assert.match(notes.join(), /interlaced \(top field first\)/);
  });
});

Deno.test("probeMedia() reads the video stream, not an attached picture before it", async () => {
  await withScratch(async ({ path }) => {
    await make(own!.ffmpeg, `-f lavfi -i color=red:s=8x8 -frames:v 1 ${path("c.png")}`);
    await make(own!.ffmpeg, `${CLIP} -c:v libx264 -pix_fmt yuv420p ${path("v.mp4")}`);
    await make(
      own!.ffmpeg,
      `-i ${path("c.png")} -i ${path("v.mp4")} -map 0 -map 1 -c copy -disposition:v:0 attached_pic ${path("a.mp4")}`,
    );
    const { info: { video, streams } } = await probeMedia(own!, path("a.mp4"));
    assert.deepEqual([video.width, streams.find(({ index }) => index !== video.index)?.kind], [32, "attachment"]);
  });
});

testEachFfmpeg(ffmpegs, "probeMedia() reports in one line why it cannot read a file", async (tools) => {
  await withScratch(async ({ folder, path }) => {
    await make(own!.ffmpeg, `-f lavfi -i sine=d=0.2 ${path("sound.m4a")}`);
    await make(own!.ffmpeg, `${CLIP} -c:v libx264 -pix_fmt yuv420p ${path("a.mp4")}`);
    const whole = await Deno.readFile(path("a.mp4"));
    await Deno.writeFile(path("cut.mp4"), whole.subarray(0, whole.length * 0.3));
    await Deno.writeFile(path("empty.mp4"), new Uint8Array(0));
    const reasons = {
      "sound.m4a": /sound\.m4a: cannot read the video: the file has no video stream \(found audio aac\)$/,
      "cut.mp4":
        /cut\.mp4: cannot read the file: it has no index \(moov atom not found\): it is truncated, .*; copy it again, or repair it$/,
      "empty.mp4": /empty\.mp4: cannot read the video: the file is empty \(0 bytes\)$/,
      "missing.mp4": /missing\.mp4: there is no such file$/,
    };
    for (const [name, message] of Object.entries(reasons)) {
      await assert.rejects(probeMedia(tools, path(name)), { name: "UsageError", message });
    }
    await assert.rejects(probeMedia(tools, folder), {
      name: "UsageError",
      message: /cannot read the video: it is a folder/,
    });
  });
});

testUnless(
  ON_WINDOWS,
  "probeMedia() rejects pipes and addresses, with advice",
  () =>
    withScratch(async ({ path }) => {
      await new Deno.Command("mkfifo", { args: [path("pipe.mkv")] }).output();
      const refused: [string, RegExp][] = [
        [
          path("pipe.mkv"),
          /pipe\.mkv: cannot read the video: it is a pipe: slomo reads a video more than once.*; save it as a file first/,
        ],
        ["/dev/stdin", /\/dev\/stdin: cannot read the video: slomo reads a video more than once/],
        ["https://example.com/a.mp4", /there is no such file; download the address first/],
      ];
      for (const [location, message] of refused) {
        await assert.rejects(probeMedia(own!, location), { name: "UsageError", message });
      }
    }),
);

testEachFfmpeg(ffmpegs, "frames that an edit list hides are not counted", async (tools) => {
  await withScratch(async ({ path }) => {
    const clip = "-f lavfi -i testsrc2=s=32x18:r=25:d=3 -c:v libx264 -g 100 -pix_fmt yuv420p";
    await make(ffmpegs[0]!.ffmpeg, `${clip} ${path("whole.mp4")}`);
    await make(ffmpegs[0]!.ffmpeg, `-ss 1 -i ${path("whole.mp4")} -c copy ${path("cut.mp4")}`);
    assert.equal((await probeMedia(tools, path("whole.mp4"))).info.video.frames, 75);
    assert.equal((await probeMedia(tools, path("cut.mp4"))).info.video.frames, 50);
  });
});
