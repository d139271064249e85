import { UsageError } from "@slomo/core";
import { imageSize } from "image-size";
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
  /** What a PNG or a lossless WebP holds; each file of a sequence may have another layout, the smallest that serves it. */
  readonly stored?: StoredLayout;
}

/** What the samples of an image are. */
export interface StoredLayout {
  /** Bits a sample, 8 where it has less. */
  readonly depth: 8 | 16;
  /** Whether it is grey. */
  readonly grey: boolean;
  /** Whether it has alpha. */
  readonly alpha: boolean;
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

/** PNG's header: bits a sample, grey or colour, alpha by type or by a transparent colour before the pixels. */
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
  return { depth: depth === 16 ? 16 : 8, grey: (type & 2) === 0, alpha };
}

/** Lossless WebP's header, whose 29th bit after the signature byte says whether alpha is used. */
function parseWebp(bytes: Uint8Array): StoredLayout | undefined {
  if (text(bytes, 0, 4) !== "RIFF" || text(bytes, 8, 16) !== "WEBPVP8L") return undefined;
  return { depth: 8, grey: false, alpha: (bytes[24]! & 0x10) !== 0 };
}

function parse(bytes: Uint8Array, ending: string): ImageHeader {
  const { width, height, type, orientation = 1 } = imageSize(bytes);
  const upright = orientation >= 5 ? { width: height, height: width } : { width, height };
  const stored = parsePng(bytes) ?? parseWebp(bytes);
  const kind = kindOf(type ?? ending) ?? kindOf(ending)!;
  return { ...upright, orientation, demuxer: kind.demuxer, ...(stored && { stored }) };
}

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
  if (ending === "exr" || ending === "dpx") return { orientation: 1, demuxer: kindOf(ending)!.demuxer };
  if (head.length === 0) throw fail(new Error("it is empty"));
  try {
    return parse(head, ending);
  } catch (error) {
    if (head.length < HEAD) throw fail(error);
  }
  try {
    return parse(await Deno.readFile(path), ending);
  } catch (error) {
    throw fail(error);
  }
}
