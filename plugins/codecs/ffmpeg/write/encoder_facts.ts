import { UsageError } from "@slomo/core";
import type { FfmpegTools } from "../locate.ts";
import { runProcess } from "../process.ts";

/** What an ffmpeg says of one of its encoders. */
export interface EncoderFacts {
  /** Its name. */
  readonly name: string;
  /** Pixel formats that it takes; empty where it does not say. */
  readonly pixelFormats: readonly string[];
  /** Whether it has an option `-crf`. */
  readonly takesCrf: boolean;
}

/** What this ffmpeg says of an encoder, `undefined` if it has none of that name. */
export async function encoderFacts(tools: FfmpegTools, name: string): Promise<EncoderFacts | undefined> {
  const { stdout } = await runProcess(tools.ffmpeg, ["-hide_banner", "-h", `encoder=${name}`], { timeout: 20_000 });
  const found = /^Encoder (\S+) \[/m.exec(stdout);
  if (!found) return undefined;
  const pixelFormats = /^\s*Supported pixel formats: (.*)$/m.exec(stdout)?.[1]?.trim().split(/\s+/) ?? [];
  return { name: found[1]!, pixelFormats, takesCrf: /^\s+-crf\s/m.test(stdout) };
}

/** Names of the video encoders of this ffmpeg, in its own order. */
export async function videoEncoders(tools: FfmpegTools): Promise<readonly string[]> {
  const { stdout } = await runProcess(tools.ffmpeg, ["-hide_banner", "-encoders"], { timeout: 20_000 });
  return [...stdout.matchAll(/^ V[A-Z.]{5} ([\w.-]+) /gm)].map(([, name]) => name!);
}

/**
 * The encoder to use: the one asked for, else the first of `defaults` that this ffmpeg has.
 *
 * @throws {UsageError} If it has none of them.
 */
export async function chooseEncoder(
  tools: FfmpegTools,
  asked: string | undefined,
  defaults: readonly string[],
): Promise<EncoderFacts> {
  for (const name of asked === undefined ? defaults : [asked]) {
    const facts = await encoderFacts(tools, name);
    if (facts) return facts;
  }
  const which = `ffmpeg ${tools.version.text} (${tools.ffmpeg})`;
  if (asked === undefined) {
    throw new UsageError(`${which} has none of the encoders ${defaults.join(", ")}; name another ffmpeg with --ffmpeg`);
  }
  const root = asked.replace(/^lib/, "").toLowerCase(), known = await videoEncoders(tools);
  const near = [5, 4, 3, 2].map((length) => known.filter((name) => name.includes(root.slice(0, length))).slice(0, 8))
    .find((names) => names.length > 0) ?? [];
  const hint = near.length > 0 ? `it has ${near.join(", ")}` : "ffmpeg -encoders lists those it has";
  throw new UsageError(`--codec ${asked}: ${which} has no such encoder; ${hint}`);
}
