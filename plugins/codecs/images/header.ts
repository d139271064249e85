import { UsageError } from "@slomo/core";
import { imageSize } from "image-size";
import { readOrientation } from "./exif.ts";
import { endingOf, kindOf } from "./kinds.ts";
import { readTiff, type TiffFacts } from "./tiff.ts";

/** Properties in the header of an image file. */
export interface ImageHeader {
  /** Width in pixels, upright; `undefined` for formats whose header is not read. */
  readonly width?: number;
  /** Height in pixels, upright. */
  readonly height?: number;
  /** Orientation of EXIF or XMP, 1 (upright) to 8. */
  readonly orientation: number;
  /** ffmpeg's demuxer for the content, which may differ from the file extension. */
  readonly demuxer: string;
  /** Layout of a PNG, JPEG or lossless WebP. It may differ between the files of a sequence. */
  readonly stored?: StoredLayout;
  /** Whether it contains an ICC color profile. */
  readonly hasProfile: boolean;
  /** Whether the colors are multiplied by alpha. */
  readonly isPremultiplied?: boolean;
}

/** Layout of the samples of an image. */
export interface StoredLayout {
  /** Bits per sample; 8 for fewer. */
  readonly depth: 8 | 16;
  /** Whether it is gray. */
  readonly gray: boolean;
  /** Whether it has alpha. */
  readonly alpha: boolean;
  /** Horizontal and vertical chroma subsampling, if it is YUV. */
  readonly chroma?: readonly [number, number];
}

/** Number of bytes to read first. A file with a longer header is read completely. */
const HEAD = 65536;

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

async function readHead(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(HEAD);
  let length = 0;
  for (let read: number | null; length < HEAD && (read = await file.read(bytes.subarray(length))) !== null;) {
    length += read;
  }
  return bytes.subarray(0, length);
}

const text = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** Parses the header of a PNG: bit depth, color type, and a transparent color as alpha. */
function parsePng(bytes: Uint8Array): StoredLayout | undefined {
  if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const depth = view.getUint8(24), type = view.getUint8(25);
  let alpha = (type & 4) !== 0;
  for (let at = 33; !alpha;) {
    const chunk = text(bytes, at + 4, at + 8);
    if (chunk === "IDAT") break;
    alpha = chunk === "tRNS";
    at += 12 + view.getUint32(at);
  }
  return { depth: depth === 16 ? 16 : 8, gray: (type & 2) === 0, alpha };
}

/** Parses the header of a lossless WebP, whose 29th bit after the signature byte is the alpha flag. */
function parseWebp(bytes: Uint8Array): StoredLayout | undefined {
  if (text(bytes, 0, 4) !== "RIFF" || text(bytes, 8, 16) !== "WEBPVP8L") return undefined;
  return { depth: 8, gray: false, alpha: (bytes[24]! & 0x10) !== 0 };
}

/** Tests whether the header is that of an animated WebP, which only FFmpeg 9 and newer decode. */
function isAnimated(bytes: Uint8Array): boolean {
  return text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 16) === "WEBPVP8X" && (bytes[20]! & 0x02) !== 0;
}

/** Tests whether a file is an animated WebP, which {@linkcode readHeader} refuses with advice. */
export async function isAnimatedWebp(path: string): Promise<boolean> {
  return endingOf(path) === "webp" && isAnimated(await readHead(path).catch(() => new Uint8Array()));
}

/**
 * Parses the frame header of a JPEG: gray, YUV with chroma steps of 1 or 2, or CMYK, which is decoded as RGB; `undefined` for
 * other layouts.
 *
 * @throws {Error} If it is CMYK that ffmpeg cannot decode.
 */
function parseJpeg(bytes: Uint8Array): StoredLayout | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let transform: number | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = view.getUint8(at + 1), length = view.getUint16(at + 2);
    if (marker === 0xee && text(bytes, at + 4, at + 9) === "Adobe") transform = bytes[at + 15];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (!isFrame) {
      at += 2 + length;
      continue;
    }
    const count = view.getUint8(at + 9), samples = [0, 1, 2].map((i) => bytes[at + 11 + 3 * i]!);
    if (view.getUint8(at + 4) !== 8) return undefined;
    if (count === 1) return { depth: 8, gray: true, alpha: false };
    // With the mark of Adobe, ffmpeg converts CMYK to opaque RGB; without it, it takes the samples for YUV with alpha.
    if (count === 4 && (transform === 0 || transform === 2)) return { depth: 8, gray: false, alpha: false };
    if (count === 4) {
      throw new Error(
        "it is a CMYK JPEG without the mark of Adobe, which ffmpeg cannot decode; convert it to RGB first",
      );
    }
    const [luma, blue, red] = samples as [number, number, number];
    const across = (luma >> 4) / (blue >> 4), down = (luma & 15) / (blue & 15);
    const isPlain = count === 3 && transform !== 0 && blue === red && [1, 2].includes(across) && [1, 2].includes(down);
    return isPlain ? { depth: 8, gray: false, alpha: false, chroma: [across, down] } : undefined;
  }
}

/** Tests whether the header of a PNG, JPEG or WebP has a color profile. */
function hasColorProfile(bytes: Uint8Array): boolean {
  const head = new TextDecoder("latin1").decode(bytes);
  return /^.PNG/.test(head) ? head.includes("iCCP") : /ICC_PROFILE\0|^RIFF.{4}WEBPVP8X[^]*ICCP/s.test(head);
}

async function parse(bytes: Uint8Array, path: string): Promise<ImageHeader> {
  if (isAnimated(bytes)) {
    throw new Error(
      `it is an animated WebP; convert it to a video with FFmpeg 9 or newer first: ffmpeg -i ${path} -c:v ffv1 frames.mkv`,
    );
  }
  const ending = endingOf(path), { width, height, type, ...found } = imageSize(bytes);
  const kind = kindOf(type ?? ending) ?? kindOf(ending)!, own = ORIENTED[kind.demuxer];
  const facts: Partial<TiffFacts> = kind.demuxer === "tiff_pipe"
    ? await readTiff(path)
    : { orientation: own ? await readOrientation(path, own) : found.orientation };
  const { orientation = 1, isPremultiplied = false } = facts;
  const upright = orientation >= 5 ? { width: height, height: width } : { width, height };
  const stored = parsePng(bytes) ?? parseWebp(bytes) ?? parseJpeg(bytes);
  return {
    ...upright,
    orientation,
    demuxer: kind.demuxer,
    hasProfile: hasColorProfile(bytes),
    isPremultiplied,
    ...(stored && { stored }),
  };
}

/** Formats with EXIF or XMP that slomo reads itself. */
const ORIENTED: Readonly<Record<string, "png" | "webp">> = { png_pipe: "png", webp_pipe: "webp" };

/**
 * Reads the header of an image file.
 *
 * @throws {UsageError} If the file cannot be read, or is not an image.
 */
export async function readHeader(path: string): Promise<ImageHeader> {
  const ending = endingOf(path);
  const fail = (error: unknown) => {
    const why = error instanceof RangeError ? "it ends inside its header" : (error as Error).message;
    return new UsageError(`${path}: cannot read the image: ${why}`, { code: "input-unreadable" });
  };
  const head = await readHead(path).catch((error) => {
    throw fail(error);
  });
  if (ending === "exr" || ending === "dpx") {
    return { orientation: 1, demuxer: kindOf(ending)!.demuxer, hasProfile: false };
  }
  if (head.length === 0) throw fail(new Error("it is empty"));
  try {
    return await parse(head, path);
  } catch (error) {
    if (head.length < HEAD || isAnimated(head)) throw fail(error);
  }
  try {
    return await parse(await Deno.readFile(path), path);
  } catch (error) {
    throw fail(error);
  }
}
