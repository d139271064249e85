import type { Image, PixelFormat } from "@slomo/core";
import { rational } from "@slomo/core/time";
import { join } from "@std/path";
import assert from "node:assert/strict";
import { make as makeFile, testEachFfmpeg, testEachFfmpegCases, testFfmpegs } from "../_testing.ts";
import { flat, imagesMedia, inFolder, list, noise, read, write } from "./_testing.ts";

const ffmpegs = await testFfmpegs();

function planes(images: readonly Image[]) {
  return images.map((image) => image.planes);
}

const KEEPS = "images keeps every bit of PNG, TIFF, BMP and WebP of an odd size";
type Layouts = readonly [ending: string, layouts: readonly Partial<PixelFormat>[]];
const FEW: Layouts[] = [
  ["png", [{ alpha: true }, { depth: 16 }, { model: "gray", depth: 16 }]],
  ["tif", [{}, { model: "gray" }, { depth: 16, alpha: true }]],
  ["bmp", [{}]],
  ["webp", [{ alpha: true }]],
];
const MORE: Layouts[] = [
  ["png", [{}, { model: "gray" }, { depth: 16, alpha: true }]],
  ["tif", [{ alpha: true }, { depth: 16 }, { model: "gray", depth: 16 }]],
  ["bmp", [{ alpha: true }]],
  ["webp", [{}]],
];

testEachFfmpegCases(ffmpegs, KEEPS, FEW, MORE, async (tools, cases) => {
  const codec = imagesMedia(tools);
  await inFolder(async (folder) => {
    for (const [ending, layouts] of cases) {
      for (const [i, layout] of layouts.entries()) {
        const place = join(folder, `${ending}${i}`, `%d.${ending}`),
          made = [noise(13, 7, layout, 1), noise(13, 7, layout, 2)];
        await write(codec, place, made);
        const { frames, info } = await read(codec, place);
        const label = `${ending} ${JSON.stringify(layout)}`;
        assert.deepEqual({ ...info.video.format }, { ...made[0]!.format }, label);
        assert.deepEqual(planes(frames.map((frame) => frame.image)), planes(made), label);
      }
    }
  });
});

testEachFfmpeg(ffmpegs, "images reads palettes without change, opaque or with alpha", async (tools) => {
  const codec = imagesMedia(tools), palette = "split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse";
  for (
    const [ending, pixels] of [["png", "format=rgb24"], ["png", "format=rgba,colorchannelmixer=aa=0.6"], [
      "bmp",
      "format=rgb24",
    ]]
  ) {
    await inFolder(async (folder) => {
      const name = join(folder, `1.${ending}`);
      const args = [
        "-f",
        "lavfi",
        "-i",
        `testsrc2=s=41x31:d=0.04,${pixels},${palette}`,
        "-frames:v",
        "1",
        "-pix_fmt",
        "pal8",
        name,
      ];
      await makeFile(tools.ffmpeg, args);
      const { frames: [frame] } = await read(codec, folder), { planes, format } = frame!.image;
      const packed = ["-v", "error", "-i", name, "-f", "rawvideo", "-pix_fmt", format.alpha ? "rgba" : "rgb24", "-"];
      const { stdout } = await new Deno.Command(tools.ffmpeg, { args: packed }).output();
      planes.forEach((plane, channel) => {
        const wanted = plane.map((_, i) => stdout[i * planes.length + channel]!);
        assert.deepEqual(plane, wanted, `${ending} ${pixels}: channel ${channel}`);
      });
    });
  }
});

testEachFfmpeg(ffmpegs, "images writes full-range JPEG without a color shift", async (tools) => {
  const codec = imagesMedia(tools);
  await inFolder(async (folder) => {
    for (const chroma of [[2, 2], [1, 1]] as const) {
      const format = { model: "yuv", depth: 8, chroma, alpha: false } as const;
      const fill = (length: number, level: number) => new Uint8Array(length).fill(level);
      const size = chroma[0] === 2 ? 8 * 6 : 16 * 12;
      const image: Image = {
        width: 16,
        height: 12,
        format,
        color: { matrix: "bt470bg", range: "full" },
        planes: [fill(192, 200), fill(size, 90), fill(size, 170)],
      };
      const place = join(folder, `${chroma[0]}`, "%d.jpg");
      await write(codec, place, [image]);
      const { frames: [frame] } = await read(codec, place);
      assert.deepEqual({ ...frame!.image.format }, format);
      assert.equal(frame!.image.color.range, "full");
      assert.deepEqual(frame!.image.planes, image.planes);
    }
  });
});

testEachFfmpeg(ffmpegs, "images sets timestamps by the frame rate, and reads parts by them", async (tools) => {
  const codec = imagesMedia(tools, { rate: "30000/1001" });
  await inFolder(async (folder) => {
    await write(codec, folder, [10, 20, 30, 40, 50].map((level) => flat(4, 4, level)));
    assert.deepEqual(list(folder), ["00001.png", "00002.png", "00003.png", "00004.png", "00005.png"]);
    const { info, frames } = await read(codec, folder, { start: rational(1001, 30000), end: rational(2, 15) });
    assert.equal(info.container, "images");
    assert.deepEqual(info.video.timebase, rational(1001, 30000));
    assert.deepEqual(info.video.duration, rational(5005, 30000));
    assert.equal(info.video.frames, 5);
    assert.deepEqual(frames.map(({ pts, duration, image }) => [pts, duration, image.planes[0]![0]]), [
      [1n, 1n, 20],
      [2n, 1n, 30],
      [3n, 1n, 40],
    ]);
    await assert.rejects(
      read(codec, folder, { start: rational(9) }),
      /cannot read images: there are none from `start` to `end`/,
    );
  });
});

Deno.test("images writes EXR with values from 0 to 1 that differ by at most half an 8-bit level", async () => {
  const codec = imagesMedia();
  await inFolder(async (folder) => {
    const made = noise(9, 5, { depth: 16 }), place = join(folder, "%d.exr");
    await write(codec, place, [made]);
    const { frames: [frame], info } = await read(codec, place);
    assert.match(info.notes[0]!, /is read as gbrp16le: values below 0 and above 1 are clipped$/);
    made.planes.forEach((plane, c) =>
      plane.forEach((code, i) => assert.ok(Math.abs(frame!.image.planes[c]![i]! - code) < 128, `plane ${c}, ${i}`))
    );
  });
});

Deno.test("images reads and writes names with percent signs, colons, quotes and a leading dash", async () => {
  const codec = imagesMedia();
  await inFolder(async (parent) => {
    const folder = join(parent, "x %04d y", "-sp ace é日本 'q' a:b 100%d");
    await write(codec, folder, [flat(4, 4, 1), flat(4, 4, 2)]);
    assert.deepEqual(list(folder), ["00001.png", "00002.png"]);
    assert.equal((await read(codec, folder)).frames.length, 2);
    const pattern = join(folder, "50%_%03d 'x.png");
    await write(codec, pattern, [flat(4, 4, 3)]);
    assert.deepEqual((await read(codec, pattern)).frames.map(({ image }) => image.planes[0]![0]), [3]);
    await Deno.rename(join(folder, "50%_001 'x.png"), join(folder, "f_%d.png"));
    assert.equal(await codec.source.accepts(join(folder, "f_%d.png")), false);
    assert.deepEqual(list(join(parent, "x %04d y")), ["-sp ace é日本 'q' a:b 100%d"]);
  });
});

Deno.test("images accepts locations by their names and by existing files", async () => {
  const { source, sink } = imagesMedia();
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const cases: [string, boolean, boolean][] = [
      [folder, true, true],
      [`${folder}/new/`, true, true],
      [join(folder, "%05d.png"), true, true],
      [join(folder, "a_%d.JPG"), true, true],
      [join(folder, "new"), false, true],
      [join(folder, "file"), false, false],
      [join(folder, "a.png"), false, false],
      [join(folder, "a.mp4"), false, false],
      [join(folder, "a_%d.mp4"), false, false],
      [join(folder, "a_%%d.png"), false, false],
      [join(folder, "a_%d_%d.png"), false, false],
    ];
    for (const [location, reads, writes] of cases) {
      assert.equal(await source.accepts(location), reads, `reads ${location}`);
      assert.equal(await sink.accepts(location), writes, `writes ${location}`);
    }
  });
});
