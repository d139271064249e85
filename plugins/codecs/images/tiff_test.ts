import { join } from "@std/path";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { testEachFfmpeg, testFfmpegs } from "../_testing.ts";
import { imagesMedia, inFolder, read } from "./_testing.ts";

const ffmpegs = await testFfmpegs();

/** Numbers of TIFF tags. */
const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  strip: 273,
  samples: 277,
  rows: 278,
  bytes: 279,
  tileWidth: 322,
  extra: 338,
  format: 339,
};

/** A page of a TIFF: its pixels, and values of tags besides the usual ones of 8-bit RGB. */
interface Page {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly number[];
  readonly tags?: Partial<Record<keyof typeof TAG, readonly number[]>>;
}

/** Writes an uncompressed TIFF, little-endian. */
function tiff(...pages: readonly Page[]): Uint8Array {
  const bytes: number[] = [];
  const put = (value: number, width: number) => {
    for (let i = 0; i < width; i++) bytes.push((value >>> (8 * i)) & 255);
  };
  const patch = (at: number, value: number) => [0, 1, 2, 3].forEach((i) => bytes[at + i] = (value >>> (8 * i)) & 255);
  bytes.push(0x49, 0x49, 42, 0);
  let link = bytes.length;
  put(0, 4);
  for (const { width, height, pixels, tags } of pages) {
    const strip = bytes.length, samples = tags?.samples?.[0] ?? 3;
    bytes.push(...pixels);
    if (bytes.length % 2) bytes.push(0);
    const usual = {
      ...{ width: [width], height: [height], bits: Array<number>(samples).fill(8), compression: [1], photometric: [2] },
      ...{ strip: [strip], samples: [samples], rows: [height], bytes: [pixels.length] },
    };
    const all = Object.entries({ ...usual, ...tags }).map(([name, values]) =>
      [TAG[name as keyof typeof TAG], values!] as const
    ).sort(([a], [b]) => a - b);
    const outside = all.map(([, values]) => {
      if (values.length <= 2) return 0;
      const at = bytes.length;
      values.forEach((value) => put(value, 2));
      return at;
    });
    patch(link, bytes.length);
    put(all.length, 2);
    all.forEach(([tag, values], i) => {
      const isLong = tag === TAG.strip || tag === TAG.bytes;
      put(tag, 2);
      put(isLong ? 4 : 3, 2);
      put(values.length, 4);
      if (outside[i]) put(outside[i], 4);
      else if (isLong) put(values[0]!, 4);
      else put(values[0]! + (values[1] ?? 0) * 65536, 4);
    });
    link = bytes.length;
    put(0, 4);
  }
  return new Uint8Array(bytes);
}

const rgb: Page = { width: 2, height: 1, pixels: [10, 20, 30, 40, 50, 60] };

/** Reads one image with a name, and returns its planes as arrays and the notes. */
async function readOne(media: ReturnType<typeof imagesMedia>, name: string, bytes: Uint8Array) {
  let planes: number[][] = [], notes: readonly string[] = [];
  await inFolder(async (folder) => {
    await Deno.writeFile(join(folder, name), bytes);
    const { frames: [frame], info } = await read(media, folder);
    [planes, notes] = [frame!.image.planes.map((plane) => [...plane]), info.notes];
  });
  return { planes, notes };
}

testEachFfmpeg(ffmpegs, "images reads TIFF with straight and with associated alpha", async (tools) => {
  const media = imagesMedia(tools);
  assert.deepEqual((await readOne(media, "1.tif", tiff(rgb))).planes, [[10, 40], [20, 50], [30, 60]]);
  const page = { ...rgb, pixels: [10, 20, 30, 128, 7, 8, 9, 0] };
  const straight = await readOne(media, "1.tif", tiff({ ...page, tags: { samples: [4], extra: [2] } }));
  assert.deepEqual([straight.planes, straight.notes], [[[10, 7], [20, 8], [30, 9], [128, 0]], []]);
  const associated = await readOne(media, "1.tif", tiff({ ...page, tags: { samples: [4], extra: [1] } }));
  assert.deepEqual(associated.planes, [[20, 7], [40, 8], [60, 9], [128, 0]]);
  assert.deepEqual(associated.notes, ["the images have associated alpha: their colors are divided by alpha"]);
});

Deno.test("images refuses TIFF that ffmpeg decodes to wrong colors", async () => {
  const media = imagesMedia(), gray = { bits: [8], samples: [1], photometric: [1] };
  const cases: [Page["tags"], RegExp][] = [
    [{ compression: [7], photometric: [6] }, /with JPEG compression to the right colors; convert it first/],
    [{ photometric: [6] }, /with YCbCr/],
    [{ photometric: [8] }, /with Lab/],
    [{ photometric: [5], samples: [4], bits: [16, 16, 16, 16] }, /with CMYK with 4 samples of 16 bits/],
    [{ tileWidth: [16] }, /with tiles/],
    [{ samples: [5], extra: [2, 0] }, /with 5 samples per pixel/],
    [{ ...gray, samples: [3], bits: [8, 8, 8] }, /with 3 samples per pixel/],
    [{ ...gray, format: [2] }, /with signed samples/],
    [{ bits: [16, 16, 16], format: [3, 3, 3] }, /with floating-point samples of 16 bits/],
    [{ ...gray, bits: [32] }, /with samples of 32 bits/],
  ];
  for (const [tags, message] of cases) {
    await assert.rejects(readOne(media, "1.tif", tiff({ ...rgb, tags: tags! })), { name: "UsageError", message });
  }
});

Deno.test("images refuses TIFF with several pages, but reads it with a thumbnail", async () => {
  const media = imagesMedia(),
    message = /1\.tif: cannot read the image: it has 3 pages; write each to a file of its own/;
  await assert.rejects(readOne(media, "1.tif", tiff(rgb, rgb, rgb)), { name: "UsageError", message });
  const thumbnails = [{ ...rgb, width: 1, pixels: [1, 2, 3] }, { ...rgb, tags: { subfile: [1] } }];
  assert.deepEqual((await readOne(media, "1.tif", tiff(rgb, ...thumbnails))).planes, [[10, 40], [20, 50], [30, 60]]);
});

testEachFfmpeg(ffmpegs, "images reads CMYK JPEG as RGB without alpha, or refuses it", async (tools) => {
  const media = imagesMedia(tools);
  // 8×8 pixels of cyan 200, magenta 100, yellow 50, black 30.
  const cmyk = Buffer.from(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU" +
      "/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAgHCf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAOBEMATQBZAEsAAD8AHikGa0Df/9k=",
    "base64",
  );
  const { planes } = await readOne(media, "1.jpg", cmyk);
  assert.equal(planes.length, 3);
  [49, 137, 181].forEach((level, i) => assert.ok(Math.abs(planes[i]![0]! - level) <= 2, `${planes[i]![0]}`));
  const unmarked = Uint8Array.of(...cmyk.subarray(0, 2), ...cmyk.subarray(18));
  const message = /is a CMYK JPEG without the mark of Adobe, which ffmpeg cannot decode; convert it to RGB first/;
  await assert.rejects(readOne(media, "1.jpg", unmarked), { name: "UsageError", message });
});

testEachFfmpeg(
  ffmpegs,
  "images refuses animated WebP, in a folder and as a file, and says what to do",
  async (tools) => {
    const media = imagesMedia(tools);
    // The header of an animated WebP of 4×4 pixels.
    const head = [..."RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x03\0\0\x03\0\0ANIM\x06\0\0\0"].map((c) =>
      c.charCodeAt(0)
    );
    const bytes = new Uint8Array([...head, 0, 0, 0, 0, 0, 0]);
    const expected = {
      name: "UsageError",
      message: /cannot read the image: it is an animated WebP; .* FFmpeg 9 or newer/,
    };
    await assert.rejects(readOne(media, "1.webp", bytes), expected);
    await inFolder(async (folder) => {
      const file = join(folder, "a.webp");
      await Deno.writeFile(file, bytes);
      assert.equal(await media.source.accepts(file), true);
      await assert.rejects(media.source.open(file), expected);
    });
  },
);
