import { UsageError } from "@slomo/core";
import { imageSize } from "image-size";
import { readOrientation } from "./exif.ts";
import { endingOf, kindOf } from "./kinds.ts";

/** What the first bytes of an image say. */
export interface ImageHeader {
  /** Pixels a row as shown, upright; `undefined` for kinds whose header is not read. */
  readonly width?: number;
  /** Rows as shown. */
  readonly height?: number;
  /** How the stored picture must be turned, by EXIF: 1 (not at all) to 8. */
  readonly orientation: number;
  /** ffmpeg's demuxer for the content, whatever the name says. */
  readonly demuxer: string;
  /** What a PNG, JPEG or lossless WebP holds; each file of a sequence may have another layout, the smallest that serves it. */
  readonly stored?: StoredLayout;
  /** Whether it brings a description of its colors (ICC). */
  readonly hasProfile: boolean;
}

/** What the samples of an image are. */
export interface StoredLayout {
  /** Bits a sample, 8 where it has less. */
  readonly depth: 8 | 16;
  /** Whether it is gray. */
  readonly gray: boolean;
  /** Whether it has alpha. */
  readonly alpha: boolean;
  /** Pixels across and down for each sample of chroma, where it is YUV. */
  readonly chroma?: readonly [number, number];
}

/** Enough for most headers; a file whose header is longer is read as a whole. */
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

/** PNG's header: bits a sample, gray or color, alpha by type or by a transparent color before the pixels. */
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

/** Lossless WebP's header, whose 29th bit after the signature byte says whether alpha is used. */
function parseWebp(bytes: Uint8Array): StoredLayout | undefined {
  if (text(bytes, 0, 4) !== "RIFF" || text(bytes, 8, 16) !== "WEBPVP8L") return undefined;
  return { depth: 8, gray: false, alpha: (bytes[24]! & 0x10) !== 0 };
}

/** JPEG's frame header: gray, or YUV whose chroma is as large or half; `undefined` for CMYK, RGB and rarer layouts. */
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
    const [luma, blue, red] = samples as [number, number, number];
    const across = (luma >> 4) / (blue >> 4), down = (luma & 15) / (blue & 15);
    const isPlain = count === 3 && transform !== 0 && blue === red && [1, 2].includes(across) && [1, 2].includes(down);
    return isPlain ? { depth: 8, gray: false, alpha: false, chroma: [across, down] } : undefined;
  }
}

/** Whether the head of a file names a color profile, by the marks of PNG, JPEG and WebP. */
function namesProfile(bytes: Uint8Array): boolean {
  const head = new TextDecoder("latin1").decode(bytes);
  return /^.PNG/.test(head) ? head.includes("iCCP") : /ICC_PROFILE\0|^RIFF.{4}WEBPVP8X[^]*ICCP/s.test(head);
}

async function parse(bytes: Uint8Array, path: string): Promise<ImageHeader> {
  const ending = endingOf(path), { width, height, type, ...found } = imageSize(bytes);
  const kind = kindOf(type ?? ending) ?? kindOf(ending)!, own = ORIENTED[kind.demuxer];
  const orientation = (own ? await readOrientation(path, own) : found.orientation) ?? 1;
  const upright = orientation >= 5 ? { width: height, height: width } : { width, height };
  const stored = parsePng(bytes) ?? parseWebp(bytes) ?? parseJpeg(bytes);
  return { ...upright, orientation, demuxer: kind.demuxer, hasProfile: namesProfile(bytes), ...(stored && { stored }) };
}

/** Kinds whose orientation is read here. */
const ORIENTED: Readonly<Record<string, "png" | "webp" | "tiff">> = {
  png_pipe: "png",
  webp_pipe: "webp",
  tiff_pipe: "tiff",
};

/**
 * Reads the header of an image file.
 *
 * @throws {UsageError} If the file can't be read or doesn't begin like an image.
 */
export async function readHeader(path: string): Promise<ImageHeader> {
  const ending = endingOf(path);
  const fail = (error: unknown) => {
    const why = error instanceof RangeError ? "it ends inside its header" : (error as Error).message;
    return new UsageError(`${path} is not a readable image: ${why}`);
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
    if (head.length < HEAD) throw fail(error);
  }
  try {
    return await parse(await Deno.readFile(path), path);
  } catch (error) {
    throw fail(error);
  }
}
