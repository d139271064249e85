import type { Image, PixelFormat, WriteOptions } from "@slomo/core";
import { rational } from "@slomo/core/time";
import assert from "node:assert/strict";
import { testEachFfmpeg, testEachFfmpegCases, testFfmpegs, withScratch } from "./_testing.ts";
import { ffmpegMedia } from "./ffmpeg/media.ts";
import { difference, imagesMedia, noise, read, write } from "./images/_testing.ts";

const ffmpegs = await testFfmpegs();
const yuv = { model: "yuv", chroma: [2, 2] } as const;

type Size = readonly [width: number, height: number];
const FEW: Size[] = [[1, 1], [1, 9]], MORE: Size[] = [[3, 1]];

testEachFfmpegCases(ffmpegs, "images of 1×1 to 9 pixels are written in all kinds", FEW, MORE, async (tools, sizes) => {
  // ffmpeg 4 has no encoder of EXR.
  const media = imagesMedia(tools),
    kinds = ["png", "tif", "bmp", "webp", "jpg", ...tools === ffmpegs[0] ? ["exr"] : []];
  await withScratch(async ({ path }) => {
    for (const [width, height] of sizes) {
      for (const kind of kinds) {
        const location = path(`${width}x${height}-${kind}/%d.${kind}`);
        const made = noise(
          width,
          height,
          kind === "jpg" ? { ...yuv, chroma: [1, 1] } : { depth: kind === "exr" ? 16 : 8 },
        );
        const image: Image = kind === "jpg" ? { ...made, color: { matrix: "bt470bg", range: "full" } } : made;
        await write(media, location, [image]);
        const { frames: [frame] } = await read(media, location);
        assert.ok(difference(frame!.image, image) < (kind === "jpg" ? 3 : kind === "exr" ? 0.5 : 1e-9), location);
      }
    }
  });
});

testEachFfmpeg(ffmpegs, "videos of 1×1 to 9 pixels are written in all containers", async (tools) => {
  const mediaOf = (ffmpeg: string) => ffmpegMedia({ ffmpeg }) as Parameters<typeof write>[0];
  // Static builds of ffprobe 4 crash on .ts files.
  const media = mediaOf(tools.ffmpeg), reader = mediaOf(ffmpegs[0]!.ffmpeg);
  type Case = [
    name: string,
    size: string,
    layout: Partial<PixelFormat>,
    limit: number,
    options?: Partial<WriteOptions>,
  ];
  const cases: Case[] = [
    ["a.mp4", "1x1", yuv, 3],
    ["b.webm", "1x1", yuv, 6],
    ["c.ts", "3x1", yuv, 3],
    ["d.gif", "1x1", {}, 1],
    ["k.gif", "1x8", {}, 1],
    ["e.mkv", "1x1", {}, 0, { encoder: "ffv1" }],
    ["f.mkv", "1x3", {}, 0, { encoder: "ffv1" }],
    ["g.mkv", "1x1", yuv, 0, { encoder: "ffv1" }],
    ["h.mp4", "5x5", { ...yuv, depth: 10 }, 5],
    ["i.ts", "9x9", yuv, 20, { encoder: "mpeg2video" }],
    ["j.mov", "1x3", { ...yuv, chroma: [2, 1], depth: 10 }, 3, { encoder: "prores_ks" }],
  ];
  await withScratch(async ({ path }) => {
    for (const [name, size, layout, limit, options] of cases) {
      const [width, height] = size.split("x").map(Number) as [number, number];
      const images = [1, 2, 3].map((seed) => noise(width, height, layout, seed));
      await write(media, path(name), images, { ...options, rate: rational(25) });
      const { frames, info: { video } } = await read(reader, path(name));
      assert.deepEqual([video.width, video.height, frames.length], [width, height, 3], name);
      const { chroma } = frames[0]!.image.format;
      if (name === "j.mov") assert.deepEqual(chroma, [1, 1], "4:2:2 would lose the colors of the last column");
      const hasChroma = chroma[0] === images[0]!.format.chroma[0];
      frames.forEach(({ image }, i) => {
        const like = hasChroma ? images[i]! : { ...images[i]!, planes: images[i]!.planes.slice(0, 1) };
        assert.ok(difference(image, like) <= limit, `${name}: ${difference(image, like)}`);
      });
    }
  });
});
