import { isForPlayers } from "./write/encoder_options.ts";
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

/** Milliseconds for which one encoder is waited for. */
const PATIENCE = 15_000;

/** Encoders beside those for players that are worth a line. */
const STUDIO = ["prores_ks", "ffv1"];

/**
 * The video encoders of an ffmpeg that slomo knows how to set, each tried on three small frames: many are listed by builds
 * that run on machines without the hardware for them.
 */
export async function tryEncoders(tools: FfmpegTools, signal?: AbortSignal): Promise<readonly EncoderReport[]> {
  const names = (await videoEncoders(tools)).filter((name) => isForPlayers(name) || STUDIO.includes(name));
  const reports: EncoderReport[] = [];
  for (const name of names) {
    // Hardware encoders refuse pictures much smaller than this.
    const source = ["-f", "lavfi", "-i", "color=gray:s=256x256:r=25", "-frames:v", "3"];
    const args = ["-nostdin", "-v", "error", ...source, "-c:v", name, "-f", "null", "-"];
    const { code, signal: killedBy, errors } = await runProcess(tools.ffmpeg, args, { timeout: PATIENCE, signal });
    const why = killedBy ? `no end after ${PATIENCE / 1000} s` : code === 0 ? undefined : lastError(errors);
    reports.push({ name, why });
  }
  return reports;
}
