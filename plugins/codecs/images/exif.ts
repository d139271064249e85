/** Reads the EXIF orientation of formats for which ffmpeg and image-size do not. */
import { readAt } from "../read_at.ts";

const text = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Tag of the orientation in EXIF and TIFF. */
const ORIENTATION = 0x0112;

/**
 * Returns the orientation, 1 to 8, in the first directory of the TIFF structure at `base`, or `undefined` if there is none.
 */
async function inTiff(file: Deno.FsFile, base: number): Promise<number | undefined> {
  const head = await readAt(file, base, 8), order = text(head, 0, 2);
  if (head.length < 8 || order !== "II" && order !== "MM") return undefined;
  const little = order === "II", start = base + view(head).getUint32(4, little);
  const count = await readAt(file, start, 2);
  if (count.length < 2) return undefined;
  const entries = view(await readAt(file, start + 2, 12 * view(count).getUint16(0, little)));
  for (let at = 0; at + 12 <= entries.byteLength; at += 12) {
    if (entries.getUint16(at, little) !== ORIENTATION) continue;
    const value = entries.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
}

/** Returns the offset of the content of a chunk of PNG or WebP, or `undefined` if there is none. */
async function findChunk(file: Deno.FsFile, kind: "png" | "webp", wanted: string): Promise<number | undefined> {
  const isPng = kind === "png";
  for (let at = isPng ? 8 : 12;;) {
    const head = await readAt(file, at, 8);
    if (head.length < 8) return undefined;
    const name = isPng ? text(head, 4, 8) : text(head, 0, 4);
    if (name === wanted) return at + 8;
    const size = isPng ? view(head).getUint32(0) + 4 : view(head).getUint32(4, true);
    at += 8 + size + (isPng ? 0 : size % 2);
  }
}

/** Returns the orientation, 1 to 8, of a PNG, WebP or TIFF file, or `undefined` if there is none. */
export async function readOrientation(path: string, kind: "png" | "webp" | "tiff"): Promise<number | undefined> {
  using file = await Deno.open(path);
  if (kind === "tiff") return await inTiff(file, 0);
  const start = await findChunk(file, kind, kind === "png" ? "eXIf" : "EXIF");
  if (start === undefined) return undefined;
  // Some writers prepend the identifier of JPEG's EXIF segment.
  const mark = text(await readAt(file, start, 6), 0, 4);
  return await inTiff(file, start + (mark === "Exif" ? 6 : 0));
}
