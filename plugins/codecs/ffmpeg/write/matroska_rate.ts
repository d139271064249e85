import type { Rational } from "@slomo/core/time";
import { parseRatio, probeFile } from "../ffprobe.ts";
import type { FfmpegTools } from "../locate.ts";

/** Maximum numerator or denominator of frame rates in ffmpeg's Matroska demuxer. */
const READER_LIMIT = 30_000n;

/** ID of the element with the frame duration of a track in nanoseconds. */
const DEFAULT_DURATION = [0x23, 0xe3, 0x83];

/** ID of the element that demuxers skip. */
const VOID = 0xec;

/** Number of bytes at the beginning of a file that include the track header. */
const HEADER = 65_536;

async function readRate(tools: FfmpegTools, path: string): Promise<Rational | undefined> {
  const { streams } = await probeFile(tools, path);
  return parseRatio(streams.find(({ codec_type }) => codec_type === "video")?.r_frame_rate);
}

/**
 * Repairs constant frame rates such as 48000/1001 in a Matroska file. The file stores 20 854 166 ns per frame, which ffmpeg's
 * demuxer reads as 7001/146; without that element it detects the rate from timestamps. If that does not help either (very
 * short videos, very high rates), the file is not changed.
 */
export async function repairRate(tools: FfmpegTools, path: string, rate: Rational): Promise<void> {
  if (rate.num <= READER_LIMIT) return;
  using file = await Deno.open(path, { read: true, write: true });
  const head = new Uint8Array(HEADER), length = await file.read(head) ?? 0;
  const at = head.findIndex((_, index) => DEFAULT_DURATION.every((byte, offset) => head[index + offset] === byte));
  const size = (head[at + 3] ?? 0) & 0x7f;
  if (at < 0 || size === 0 || size > 8 || at + 4 + size > length) return;
  const original = head.slice(at, at + 4 + size), empty = new Uint8Array(original.length);
  empty[0] = VOID;
  empty[1] = 0x80 | (size + 2);
  const put = async (bytes: Uint8Array) => {
    await file.seek(at, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  };
  await put(empty);
  const read = await readRate(tools, path);
  if (read?.num !== rate.num || read.den !== rate.den) await put(original);
}
