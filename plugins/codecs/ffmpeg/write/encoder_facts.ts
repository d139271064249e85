import { UsageError } from "@slomo/core";
import type { FfmpegTools } from "../locate.ts";
import { askProgram } from "../ask_program.ts";

/** Properties of an encoder, as ffmpeg reports them. */
export interface EncoderFacts {
  /** Its name. */
  readonly name: string;
  /** Supported pixel formats; empty if ffmpeg does not list them. */
  readonly pixelFormats: readonly string[];
  /** Whether it has an option `-crf`. */
  readonly takesCrf: boolean;
}

/** Returns the properties of an encoder, or `undefined` if this ffmpeg has none of that name. */
export async function encoderFacts(tools: FfmpegTools, name: string): Promise<EncoderFacts | undefined> {
  const { stdout } = await askProgram(tools.ffmpeg, ["-hide_banner", "-h", `encoder=${name}`]);
  const found = /^Encoder (\S+) \[/m.exec(stdout);
  if (!found) return undefined;
  const pixelFormats = /^\s*Supported pixel formats: (.*)$/m.exec(stdout)?.[1]?.trim().split(/\s+/) ?? [];
  return { name: found[1]!, pixelFormats, takesCrf: /^\s+-crf\s/m.test(stdout) };
}

/** Returns the names of the video encoders of this ffmpeg, in the order of its list. */
export async function videoEncoders(tools: FfmpegTools): Promise<readonly string[]> {
  const { stdout } = await askProgram(tools.ffmpeg, ["-hide_banner", "-encoders"]);
  return [...stdout.matchAll(/^ V[A-Z.]{5} ([\w.-]+) /gm)].map(([, name]) => name!);
}

/**
 * Returns the encoder of a given name, or without a name, the first of `defaults` that this ffmpeg has.
 *
 * @throws {UsageError} If it has none of them.
 */
export async function chooseEncoder(
  tools: FfmpegTools,
  name: string | undefined,
  defaults: readonly string[],
): Promise<EncoderFacts> {
  for (const candidate of name === undefined ? defaults : [name]) {
    const facts = await encoderFacts(tools, candidate);
    if (facts) return facts;
  }
  const which = `ffmpeg ${tools.version.text} (${tools.ffmpeg})`;
  if (name === undefined) {
    throw new UsageError(
      `encoder: ${which} has none of ${defaults.join(", ")}; set \`ffmpeg\` to another ffmpeg, or choose \`encoder\``,
      { code: "no-encoder", option: "ffmpeg" },
    );
  }
  const root = name.replace(/^lib/, "").toLowerCase(), known = await videoEncoders(tools);
  const near = [5, 4, 3, 2].map((length) => known.filter((name) => name.includes(root.slice(0, length))).slice(0, 8))
    .find((names) => names.length > 0) ?? [];
  const hint = near.length > 0 ? `it has ${near.join(", ")}` : "`ffmpeg -encoders` lists them";
  throw new UsageError(`\`encoder\` ${name}: ${which} has no such encoder; ${hint}`, {
    code: "no-encoder",
    option: "encoder",
  });
}
