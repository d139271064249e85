import assert from "node:assert/strict";
import { copyVideo, make, makeRotated, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { ffmpegMedia } from "./media.ts";
import { rotationOf } from "./rotation.ts";

const matrix = (a: number, b: number, c: number, d: number, rotation: number) => ({
  side_data_type: "Display Matrix",
  displaymatrix: `\n00000000: ${a} ${b} 0\n00000001: ${c} ${d} 0\n00000002: 0 0 1073741824\n`,
  rotation,
});

Deno.test("rotationOf() distinguishes mirroring, rotation and other angles, in the container or the frames", () => {
  const cases = [
    [matrix(1, 0, 0, 1, 0), [false, 0, false]],
    [matrix(0, 1, -1, 0, -90), [false, 90, false]],
    [matrix(-1, 0, 0, -1, -180), [false, 180, false]],
    [matrix(0, -1, 1, 0, 90), [false, 270, false]],
    [matrix(-1, 0, 0, 1, -180), [true, 0, false]],
    [matrix(1, 0, 0, -1, 0), [true, 180, false]],
    [matrix(0, -1, -1, 0, 90), [true, 90, false]],
    [matrix(52, 39, -39, 52, -36), [false, 0, true]],
  ] as const;
  for (const [data, expected] of cases) {
    for (
      const turn of [
        rotationOf({ index: 0, side_data_list: [data] }),
        rotationOf({ index: 0 }, { side_data_list: [data] }),
      ]
    ) {
      assert.deepEqual([turn.mirrored, turn.rotation, turn.odd], expected, data.displaymatrix);
    }
  }
  assert.equal(rotationOf({ index: 0, tags: { rotate: "270" } }).rotation, 270);
});

const ffmpegs = await testFfmpegs();
const [own] = ffmpegs;

testEachFfmpeg(ffmpegs, "a video with a mirroring display matrix is written with mirrored pixels", async (tools) => {
  await withScratch(async ({ path }) => {
    const codec = ffmpegMedia({ ffmpeg: tools.ffmpeg });
    await make(
      own!.ffmpeg,
      `-f lavfi -i nullsrc=s=32x18:r=8:d=0.4,format=gray,geq=8*X -pix_fmt yuv420p -c:v libx264 ${path("a.mp4")}`,
    );
    await makeRotated(own!, path("a.mp4"), path("rotated.mp4"), 180);
    const bytes = await Deno.readFile(path("rotated.mp4")), view = new DataView(bytes.buffer);
    const isHalfTurn = (at: number) =>
      [-65536, 0, 0, 0, -65536, 0, 0, 0].every((x, i) => view.getInt32(at + 4 * i) === x);
    const at = Array.from({ length: bytes.length - 36 }, (_, i) => i).find(isHalfTurn)!;
    view.setInt32(at + 16, 65536);
    await Deno.writeFile(path("mirrored.mp4"), bytes);
    const { info } = await copyVideo(codec, path("mirrored.mp4"), path("o.mp4"));
    assert.match(info.notes.join(), /mirrored/);
    const reader = await codec.source!.open(path("o.mp4")), out = reader.info;
    assert.deepEqual([out.video.rotation, out.notes.join().includes("mirrored")], [0, false]);
    for await (const { image: { planes: [luma] } } of reader.frames()) {
      assert.ok(luma![2]! > luma![29]! + 100, `${luma!.subarray(0, 32)}`);
    }
  });
});
