import type { ProbedStream } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { askProgram } from "./process.ts";

/** Decoders that read the second picture beside each frame of WebM, which holds its alpha; ffmpeg's own leave it out. */
const READERS: Readonly<Record<string, string>> = { vp8: "libvpx", vp9: "libvpx-vp9" };

/** Whether a second picture beside each frame holds its alpha. */
export function hasHiddenAlpha({ tags }: ProbedStream): boolean {
  return (tags?.alpha_mode ?? tags?.ALPHA_MODE) === "1";
}

/** The decoder that reads a stream's hidden alpha; `undefined` where there is none, or this ffmpeg has no such decoder. */
export async function alphaDecoder({ ffmpeg }: FfmpegTools, stream: ProbedStream): Promise<string | undefined> {
  const name = READERS[stream.codec_name ?? ""];
  if (name === undefined || !hasHiddenAlpha(stream)) return undefined;
  const { stdout } = await askProgram(ffmpeg, ["-hide_banner", "-h", `decoder=${name}`]);
  return stdout.startsWith(`Decoder ${name} `) ? name : undefined;
}
