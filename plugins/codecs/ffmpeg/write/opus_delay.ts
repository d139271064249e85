import { type Rational, rational } from "@slomo/core/time";
import { fileArgument } from "../ffprobe.ts";
import type { FfmpegTools } from "../locate.ts";
import { runProcess } from "../process.ts";
import { writesCodecDelay } from "../version.ts";
import type { Container } from "./containers.ts";
import type { StreamCopy } from "./streams.ts";

/** Sample rate in which Opus counts its encoder delay. */
const RATE = 48_000;

/** Encoder delay of libopus, in samples. */
const LIBOPUS_DELAY = 312;

/** Parses the encoder delay in samples in ffprobe's dump of an Opus header; `undefined` for other dumps. */
export function parseOpusDelay(dump: string): number | undefined {
  const digits = [...dump.matchAll(/^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} )+)/gm)].map(([, bytes]) => bytes).join("")
    .replaceAll(" ", "");
  const bytes = digits.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? [];
  const isOpus = String.fromCharCode(...bytes.slice(0, 8)) === "OpusHead";
  return isOpus && bytes.length >= 12 ? bytes[10]! + 256 * bytes[11]! : undefined;
}

async function delayOf({ ffprobe }: FfmpegTools, location: string, index: number): Promise<Rational | undefined> {
  const shown = ["-select_streams", `${index}`, "-show_entries", "stream=extradata", "-show_data"];
  const { stdout } = await runProcess(ffprobe, [
    ...["-v", "quiet", ...shown, "-of", "default=nk=1:nw=1", fileArgument(location)],
  ]);
  const samples = parseOpusDelay(stdout);
  return samples ? rational(samples, RATE) : undefined;
}

/**
 * Adds the encoder delay to Opus streams for Matroska and WebM. Demuxers subtract it from timestamps, and muxers before
 * ffmpeg 6 do not add it, so the audio must come later by it.
 */
export async function withOpusDelays(
  copies: readonly StreamCopy[],
  { tools, container, location }: {
    readonly tools: FfmpegTools;
    readonly container: Container;
    /** Path of the source. */
    readonly location: string;
  },
): Promise<readonly StreamCopy[]> {
  if (!container.milliseconds || writesCodecDelay(tools.version)) return copies;
  return await Promise.all(copies.map(async (copy) => {
    const { stream, codec } = copy;
    if (codec === "libopus") return { ...copy, delay: rational(LIBOPUS_DELAY, RATE) };
    if (codec !== "copy" || stream.codec_name !== "opus") return copy;
    const delay = await delayOf(tools, location, stream.index);
    return delay ? { ...copy, delay } : copy;
  }));
}
