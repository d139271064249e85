/** Every size from 1×1 to 9×9, in each kind of image and each container. */
import type { Image, PixelFormat, WriteOptions } from "@slomo/core";
import { planeSizes } from "@slomo/core/frames";
import { rational } from "@slomo/core/time";
import { deepStrictEqual as equal } from "node:assert/strict";
import { testFfmpegs, withScratch } from "../../plugins/codecs/_testing.ts";
import { ffmpegMedia } from "../../plugins/codecs/ffmpeg/media.ts";
import { difference, imagesMedia, noise, read, write } from "../../plugins/codecs/images/_testing.ts";

const LARGEST = 9;
const sizes = Array.from({ length: LARGEST ** 2 }, (_, i) => [i % LARGEST + 1, Math.floor(i / LARGEST) + 1] as const);
const [tools] = await testFfmpegs() as [Awaited<ReturnType<typeof testFfmpegs>>[number]];

const yuv = { model: "yuv", chroma: [2, 2] } as const;

/** Generates an image whose planes are smooth, so that lossy encoders keep them. */
function smooth(width: number, height: number, layout: Partial<PixelFormat>, seed: number): Image {
  const image = noise(width, height, layout), { format } = image;
  const planes = planeSizes(width, height, format).map(([columns, rows], plane) => {
    const values = image.planes[plane]!.slice();
    for (let i = 0; i < columns * rows; i++) {
      const level = 90 + 10 * seed + 20 * plane + 3 * (i % columns) + 2 * Math.floor(i / columns);
      values[i] = level * 2 ** (format.depth - 8);
    }
    return values;
  });
  return { ...image, planes };
}

/** Runs a check for all sizes, and fails with those that fail. */
async function checkSizes(check: (width: number, height: number) => Promise<string | undefined>): Promise<void> {
  const failed: string[] = [];
  for (const [width, height] of sizes) {
    const failure = await check(width, height).catch((error: Error) => error.message);
    if (failure !== undefined) failed.push(`${width}×${height}: ${failure}`);
  }
  equal(failed, []);
}

const IMAGES: readonly (readonly [kind: string, layout: Partial<PixelFormat>, limit: number])[] = [
  ["png", { alpha: true }, 0],
  ["png", { depth: 16 }, 0],
  ["png", { model: "gray" }, 0],
  ["tif", { depth: 16 }, 0],
  ["bmp", {}, 0],
  ["webp", {}, 0],
  ["webp", { alpha: true }, 0],
  ["jpg", { model: "yuv" }, 4],
  ["exr", { depth: 16 }, 0.5],
];

for (const [kind, layout, limit] of IMAGES) {
  Deno.test(`${kind} images of all sizes up to ${LARGEST}×${LARGEST}, ${JSON.stringify(layout)}`, async () => {
    const media = imagesMedia(tools);
    await withScratch(({ path }) =>
      checkSizes(async (width, height) => {
        const location = path(`${width}x${height}/%d.${kind}`), isJpeg = kind === "jpg";
        const made = isJpeg ? smooth(width, height, layout, 1) : noise(width, height, layout);
        // WebP drops the color of transparent pixels.
        if (kind === "webp") made.planes[3]?.forEach((value, i, alpha) => alpha[i] = Math.max(1, value));
        const image: Image = isJpeg ? { ...made, color: { matrix: "bt470bg", range: "full" } } : made;
        await write(media, location, [image]);
        const { frames, info: { video } } = await read(media, location);
        if (video.width !== width || video.height !== height) return `became ${video.width}×${video.height}`;
        const error = difference(frames[0]!.image, image);
        return error <= limit ? undefined : `differs by ${error}`;
      })
    );
  });
}

const VIDEOS: readonly (readonly [
  name: string,
  layout: Partial<PixelFormat>,
  limit: number,
  options?: Partial<WriteOptions>,
])[] = [
  ["mp4", yuv, 6],
  ["mp4", { ...yuv, depth: 10 }, 6],
  ["mkv", yuv, 6],
  ["mov", { ...yuv, chroma: [2, 1], depth: 10 }, 6, { encoder: "prores_ks" }],
  ["webm", yuv, 6],
  ["ts", yuv, 6],
  ["ts", yuv, 12, { encoder: "mpeg2video" }],
  ["gif", {}, 8],
  ["mkv", {}, 0, { encoder: "ffv1" }],
  ["mkv", yuv, 0, { encoder: "ffv1" }],
];

for (const [name, layout, limit, options] of VIDEOS) {
  const kind = [name, options?.encoder, JSON.stringify(layout)].filter(Boolean).join(", ");
  Deno.test(`videos of all sizes up to ${LARGEST}×${LARGEST}: ${kind}`, async () => {
    const media = ffmpegMedia({ ffmpeg: tools.ffmpeg }) as Parameters<typeof write>[0];
    await withScratch(({ path }) =>
      checkSizes(async (width, height) => {
        const location = path(`${width}x${height}.${name}`);
        const images = [1, 2, 3].map((seed) =>
          limit === 0 ? noise(width, height, layout, seed) : smooth(width, height, layout, seed)
        );
        await write(media, location, images, { ...options, rate: rational(25) });
        const { frames, info: { video } } = await read(media, location);
        if (video.width !== width || video.height !== height) return `became ${video.width}×${video.height}`;
        if (frames.length !== 3) return `has ${frames.length} frames`;
        const errors = frames.map(({ image }, i) => {
          const isAlike = image.format.chroma.join() === images[i]!.format.chroma.join() &&
            image.format.model === images[i]!.format.model;
          return difference(image, isAlike ? images[i]! : { ...images[i]!, planes: images[i]!.planes.slice(0, 1) });
        });
        const most = Math.max(...errors);
        return most <= limit ? undefined : `differs by ${most}`;
      })
    );
  });
}
