import type { Finding } from "@slomo/core";
import { tryEncoders } from "./encoders.ts";
import type { FfmpegLocator, FfmpegTools } from "./locate.ts";

/** Major version of libavformat from which rotation and frame rates need no workarounds. */
const FULL_SUPPORT = 59;

function describeProgram({ ffmpeg, version, origin }: FfmpegTools): Finding {
  const found = `${version.text} at ${ffmpeg} (${origin === "option" ? "`ffmpeg`" : origin})`;
  if (version.avformat[0] >= FULL_SUPPORT) return { what: "ffmpeg", state: "ok", found };
  const fix = "it works; ffmpeg 5.1 or later in the PATH, $SLOMO_FFMPEG or `ffmpeg` supports more";
  return { what: "ffmpeg", state: "ok", found, fix };
}

/**
 * Finds ffmpeg, and tests the encoders that slomo knows on a few frames.
 *
 * @throws {unknown} The reason of `signal` after it aborted a download of ffmpeg.
 */
export async function inspectFfmpeg(locate: FfmpegLocator, signal?: AbortSignal): Promise<Finding[]> {
  let tools: FfmpegTools;
  try {
    tools = await locate(signal);
  } catch (error) {
    signal?.throwIfAborted();
    const found = error instanceof Error ? error.message : String(error);
    return [{
      what: "ffmpeg",
      state: "broken",
      found,
      fix: "install ffmpeg 5.1 or later, or set `ffmpeg` to its path",
    }];
  }
  const reports = await tryEncoders(tools);
  const names = (works: boolean) => reports.filter(({ why }) => (why === undefined) === works).map(({ name }) => name);
  const [working, refused] = [names(true), names(false)];
  const findings: Finding[] = [describeProgram(tools), {
    what: "encoders",
    state: working.length > 0 ? "ok" : "broken",
    found: working.join(", ") || "none works",
    fix: working.length > 0 ? undefined : "install an ffmpeg with libx264",
  }];
  if (refused.length === 0) return findings;
  return [...findings, {
    what: "encoders",
    state: "missing",
    found: `listed, but do not work here: ${refused.join(", ")}`,
  }];
}
