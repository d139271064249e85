/** Reads the orientation of formats for which ffmpeg and image-size do not. */
import { readAt } from "../read_at.ts";
import { firstDirectory, orientationOf, type ReadBytes } from "./tiff_directory.ts";

/** A chunk of PNG or WebP, and the range of its content. */
interface Chunk {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

const text = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Maximum length of a profile that is read, compressed or not; that of an orientation is far below. */
const LONGEST_PROFILE = 1 << 20;

/** Keywords of the texts in which ImageMagick stores EXIF in a PNG, in hexadecimal digits. */
const RAW_PROFILES: readonly string[] = ["Raw profile type exif", "Raw profile type APP1"];

/** Keyword of the text that holds XMP in a PNG. */
const XMP = "XML:com.adobe.xmp";

/** Returns the orientation in an EXIF profile. Some writers prepend the identifier of JPEG's EXIF segment. */
async function inExif(read: ReadBytes, base: number): Promise<number | undefined> {
  const mark = text(await read(base, 6), 0, 4),
    directory = await firstDirectory(read, base + (mark === "Exif" ? 6 : 0));
  return directory && await orientationOf(directory);
}

/** Returns the orientation in the text of an XMP profile, as an attribute or as an element. */
function inXmp(profile: string): number | undefined {
  const found = /\btiff:Orientation\s*(?:=\s*["']|>)\s*([1-8])\s*["'<]/.exec(profile);
  return found ? Number(found[1]) : undefined;
}

/** Returns the orientation in ImageMagick's text of an EXIF profile: its name, its length, and its bytes in hexadecimal. */
async function inRawProfile(profile: string): Promise<number | undefined> {
  const digits = /^\s*\S+\s+\d+\s+([\da-f\s]+)$/i.exec(profile)?.[1]?.replace(/\s/g, "") ?? "";
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return await inExif((at, length) => Promise.resolve(bytes.slice(at, at + length)), 0);
}

/** Yields the chunks of a PNG or WebP file. */
async function* chunksOf(read: ReadBytes, kind: "png" | "webp"): AsyncGenerator<Chunk> {
  const isPng = kind === "png";
  for (let at = isPng ? 8 : 12;;) {
    const head = await read(at, 8);
    if (head.length < 8) return;
    const name = isPng ? text(head, 4, 8) : text(head, 0, 4);
    const size = isPng ? view(head).getUint32(0) : view(head).getUint32(4, true);
    yield { name, start: at + 8, size };
    at += 8 + size + (isPng ? 4 : size % 2);
  }
}

/** Decompresses zlib data, up to {@linkcode LONGEST_PROFILE}; returns the part before an error. */
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for await (const part of new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))) {
      parts.push(part);
      length += part.length;
      if (length >= LONGEST_PROFILE) break;
    }
  } catch {
    // The rest is damaged.
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Returns the keyword and the text of a text chunk of PNG. */
async function textOf({ name }: Chunk, content: Uint8Array<ArrayBuffer>): Promise<readonly [string, string]> {
  const end = content.indexOf(0), keyword = text(content, 0, Math.max(0, end));
  let from = end + 1, isCompressed = false;
  if (name === "zTXt") [from, isCompressed] = [end + 2, true];
  if (name === "iTXt") {
    // Flag and method of compression, language, translated keyword.
    isCompressed = content[end + 1] === 1;
    from = content.indexOf(0, content.indexOf(0, end + 3) + 1) + 1;
  }
  const stored = content.subarray(from);
  return [keyword, new TextDecoder("latin1").decode(isCompressed ? await inflate(stored) : stored)];
}

/** Orientations in a chunk. */
interface Found {
  readonly exif?: number | undefined;
  readonly xmp?: number | undefined;
}

async function inPngChunk(read: ReadBytes, chunk: Chunk): Promise<Found> {
  const { name, start, size } = chunk;
  if (name === "eXIf") return { exif: await inExif(read, start) };
  if (!["tEXt", "zTXt", "iTXt"].includes(name) || size > LONGEST_PROFILE) return {};
  const head = text(await read(start, 32), 0, 32);
  if (![...RAW_PROFILES, XMP].some((keyword) => head.startsWith(`${keyword}\0`))) return {};
  const [keyword, content] = await textOf(chunk, await read(start, size));
  return keyword === XMP ? { xmp: inXmp(content) } : { exif: await inRawProfile(content) };
}

async function inWebpChunk(read: ReadBytes, { name, start, size }: Chunk): Promise<Found> {
  if (name === "EXIF") return { exif: await inExif(read, start) };
  if (name !== "XMP " || size > LONGEST_PROFILE) return {};
  return { xmp: inXmp(new TextDecoder("latin1").decode(await read(start, size))) };
}

/**
 * Returns the orientation, 1 to 8, of a PNG or WebP file, or `undefined` if there is none. EXIF precedes XMP.
 *
 * PNG holds EXIF in the chunk `eXIf`, or as a text of ImageMagick.
 */
export async function readOrientation(path: string, kind: "png" | "webp"): Promise<number | undefined> {
  using file = await Deno.open(path);
  const read: ReadBytes = (at, length) => readAt(file, at, length);
  let xmp: number | undefined;
  for await (const chunk of chunksOf(read, kind)) {
    const found = await (kind === "png" ? inPngChunk : inWebpChunk)(read, chunk);
    if (found.exif !== undefined) return found.exif;
    xmp ??= found.xmp;
  }
  return xmp;
}
