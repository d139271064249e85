import { endingOf } from "./kinds.ts";

/** Last bytes of every file of a format. */
const ENDS: Readonly<Record<string, readonly number[]>> = {
  png: [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82],
  jpg: [0xff, 0xd9],
  jpeg: [0xff, 0xd9],
};

/**
 * Tests whether an image file is complete: a PNG or JPEG ends with its last bytes, others are not empty. Some versions of ffmpeg do
 * not fail when the disk is full.
 */
export async function isWhole(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const end = ENDS[endingOf(path)] ?? [];
    if (size <= end.length) return false;
    await file.seek(size - end.length, Deno.SeekMode.Start);
    const bytes = new Uint8Array(end.length);
    if (end.length > 0) await file.read(bytes);
    return end.every((byte, i) => bytes[i] === byte);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
