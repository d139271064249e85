import { isForPlayback } from "./write/encoder_options.ts";
import { videoEncoders } from "./write/encoder_facts.ts";
import type { FfmpegTools } from "./locate.ts";
import { lastError, runProcess } from "./process.ts";

/** Whether an encoder works on this machine. */
export interface EncoderReport {
  /** Its name. */
  readonly name: string;
  /** Why it does not work, `undefined` if it does. */
  readonly why: string | undefined;
}

/** Timeout of one encoder test, in milliseconds. */
const TIMEOUT = 15_000;

/** Encoders to test in addition to those for playback. */
const STUDIO = ["prores_ks", "ffv1"];

/**
 * Tests the video encoders that slomo has settings for on three small frames each. Builds list many hardware encoders that
 * the machine does not have.
 */
export async function tryEncoders(tools: FfmpegTools, signal?: AbortSignal): Promise<readonly EncoderReport[]> {
  const names = (await videoEncoders(tools)).filter((name) => isForPlayback(name) || STUDIO.includes(name));
  const reports: EncoderReport[] = [];
  for (const name of names) {
    // Hardware encoders reject much smaller frames.
    const source = ["-f", "lavfi", "-i", "color=gray:s=256x256:r=25", "-frames:v", "3"];
    const args = ["-nostdin", "-v", "error", ...source, "-c:v", name, "-f", "null", "-"];
    const { code, signal: killedBy, errors } = await runProcess(tools.ffmpeg, args, { timeout: TIMEOUT, signal });
    const why = killedBy ? `it did not finish within ${TIMEOUT / 1000} s` : code === 0 ? undefined : lastError(errors);
    reports.push({ name, why });
  }
  return reports;
}
