import type { ProbedStream } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { askProgram } from "./ask_program.ts";
import { hasAdditionalData } from "./ffprobe.ts";

/** Decoders that read the alpha channel of WebM, which is a second image per frame; ffmpeg's native ones ignore it. */
const READERS: Readonly<Record<string, string>> = { vp8: "libvpx", vp9: "libvpx-vp9" };

/** An alpha channel that is stored as a second image per frame. */
export interface HiddenAlpha {
  /** Decoder that reads it; `undefined` if this ffmpeg lacks it. */
  readonly decoder: string | undefined;
}

/**
 * Returns the hidden alpha channel of a stream; `undefined` if it has none. Browsers mark every recording as having alpha,
 * so only the packets tell.
 */
export async function hiddenAlpha(
  tools: FfmpegTools,
  location: string,
  { index, codec_name, tags }: ProbedStream,
): Promise<HiddenAlpha | undefined> {
  const name = READERS[codec_name ?? ""], isMarked = (tags?.alpha_mode ?? tags?.ALPHA_MODE) === "1";
  if (name === undefined || !isMarked || !await hasAdditionalData(tools, location, index)) return undefined;
  const { stdout } = await askProgram(tools.ffmpeg, ["-hide_banner", "-h", `decoder=${name}`]);
  return { decoder: stdout.startsWith(`Decoder ${name} `) ? name : undefined };
}
