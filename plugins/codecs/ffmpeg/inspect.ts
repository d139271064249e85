import type { Finding } from "@slomo/core";
import { tryEncoders } from "./encoders.ts";
import type { FfmpegTools } from "./locate.ts";

/** Newer ones keep rotation and rates of videos that this one has to work around. */
const GOOD_AVFORMAT = 59;

function describeProgram({ ffmpeg, version, origin }: FfmpegTools): Finding {
  const found = `${version.text} at ${ffmpeg} (${origin})`;
  if (version.avformat[0] >= GOOD_AVFORMAT) return { what: "ffmpeg", state: "ok", found };
  const fix = "it works; a newer one (5.1 or later) in the PATH, in $SLOMO_FFMPEG or by --ffmpeg reads and writes more";
  return { what: "ffmpeg", state: "ok", found, fix };
}

/** Finds ffmpeg, and tries each of its encoders that slomo knows on a few frames. */
export async function inspectFfmpeg(locate: () => Promise<FfmpegTools>): Promise<Finding[]> {
  let tools: FfmpegTools;
  try {
    tools = await locate();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [{ what: "ffmpeg", state: "broken", found, fix: "install ffmpeg 5.1 or later, or give --ffmpeg PATH" }];
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
    found: `listed, and do not work here: ${refused.join(", ")}`,
  }];
}
