import type { ProbedStream } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { askProgram } from "./ask_program.ts";

/** Decoders that read the alpha channel of WebM, which is a second image per frame; ffmpeg's native ones ignore it. */
const READERS: Readonly<Record<string, string>> = { vp8: "libvpx", vp9: "libvpx-vp9" };

/** Tests whether a second image per frame contains the alpha channel. */
export function hasHiddenAlpha({ tags }: ProbedStream): boolean {
  return (tags?.alpha_mode ?? tags?.ALPHA_MODE) === "1";
}

/** Returns the decoder for a hidden alpha channel; `undefined` if the stream has none, or this ffmpeg lacks it. */
export async function alphaDecoder({ ffmpeg }: FfmpegTools, stream: ProbedStream): Promise<string | undefined> {
  const name = READERS[stream.codec_name ?? ""];
  if (name === undefined || !hasHiddenAlpha(stream)) return undefined;
  const { stdout } = await askProgram(ffmpeg, ["-hide_banner", "-h", `decoder=${name}`]);
  return stdout.startsWith(`Decoder ${name} `) ? name : undefined;
}
