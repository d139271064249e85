import { readAt } from "../read_at.ts";
import { firstDirectory, orientationOf, type TiffDirectory } from "./tiff_directory.ts";

/** Numbers of the tags that are read. */
const TAG = {
  subfile: 0x00fe,
  width: 0x0100,
  height: 0x0101,
  bits: 0x0102,
  compression: 0x0103,
  photometric: 0x0106,
  samples: 0x0115,
  tileWidth: 0x0142,
  extraSamples: 0x0152,
  sampleFormat: 0x0153,
} as const;

/** Number of pages from which a message says "at least". */
const MOST_PAGES = 1000;

/** Names of color models that ffmpeg does not decode, or decodes to wrong colors, by the value of the tag. */
const MODELS: Readonly<Record<number, string>> = { 6: "YCbCr", 8: "Lab", 9: "Lab", 10: "Lab" };

/** Properties of a TIFF file. */
export interface TiffFacts {
  /** Orientation, 1 to 8; `undefined` if there is none. */
  readonly orientation?: number | undefined;
  /** Whether the colors are multiplied by alpha, which image formats call associated alpha. */
  readonly isPremultiplied: boolean;
}

/** Returns why ffmpeg would decode the image to wrong colors, or `undefined` if it does not. */
async function refusal(directory: TiffDirectory): Promise<string | undefined> {
  const one = async (tag: number, otherwise: number) => (await directory.values(tag))[0] ?? otherwise;
  const [bits, format] = [await one(TAG.bits, 1), await one(TAG.sampleFormat, 1)];
  const photometric = await one(TAG.photometric, 2), samples = await one(TAG.samples, 1);
  const compression = await one(TAG.compression, 1);
  if (compression === 6 || compression === 7) return "JPEG compression";
  if ((await directory.values(TAG.tileWidth)).length > 0) return "tiles";
  if (MODELS[photometric]) return MODELS[photometric];
  if (photometric === 5 && (bits !== 8 || samples !== 4)) return `CMYK with ${samples} samples of ${bits} bits`;
  if (photometric < 2 && samples > 2 || photometric === 2 && samples > 4) return `${samples} samples per pixel`;
  if (format === 2) return "signed samples";
  if (format === 3 && bits !== 32) return `floating-point samples of ${bits} bits`;
  return format === 1 && bits > 16 ? `samples of ${bits} bits` : undefined;
}

/** Returns the number of pages of the size of the first. Others are thumbnails and masks. */
async function countPages(first: TiffDirectory): Promise<number> {
  const sizeOf = async (page: TiffDirectory) => `${await page.values(TAG.width)}x${await page.values(TAG.height)}`;
  const size = await sizeOf(first);
  let pages = 1;
  for (let page = await first.next(); page && pages < MOST_PAGES; page = await page.next()) {
    const [kind = 0] = await page.values(TAG.subfile);
    if ((kind & 0b101) === 0 && await sizeOf(page) === size) pages++;
  }
  return pages;
}

/**
 * Reads the properties of a TIFF file.
 *
 * @throws {Error} If ffmpeg would decode it to wrong colors, or skip pages; the message says why.
 */
export async function readTiff(path: string): Promise<TiffFacts> {
  using file = await Deno.open(path);
  const directory = await firstDirectory((at, length) => readAt(file, at, length), 0);
  if (!directory) return { isPremultiplied: false };
  const pages = await countPages(directory);
  if (pages > 1) {
    throw new Error(
      `it has ${pages === MOST_PAGES ? "at least " : ""}${pages} pages; write each to a file of its own first, for ` +
        `example with ImageMagick: convert ${path} page-%05d.png`,
    );
  }
  const why = await refusal(directory);
  if (why) {
    throw new Error(
      `ffmpeg cannot decode TIFF with ${why} to the right colors; convert it first, for example with ImageMagick: ` +
        `convert ${path} image.png`,
    );
  }
  return {
    orientation: await orientationOf(directory),
    isPremultiplied: (await directory.values(TAG.extraSamples))[0] === 1,
  };
}
