import { type FfmpegTools, locateFfmpeg } from "../ffmpeg/locate.ts";

/**
 * The ffmpegs that tests run on: the one in the PATH, then those of `$SLOMO_TEST_FFMPEGS`, paths with a semicolon between
 * (a colon serves too where paths hold none).
 */
export async function testFfmpegs(): Promise<readonly FfmpegTools[]> {
  const separator = Deno.build.os === "windows" ? ";" : /[:;]/;
  const named = (Deno.env.get("SLOMO_TEST_FFMPEGS") ?? "").split(separator).filter((path) => path !== "");
  return await Promise.all([locateFfmpeg(), ...named.map((option) => locateFfmpeg({ option }))]);
}

/** Defines one test a ffmpeg, with its version in the name. */
export function testEachFfmpeg(
  ffmpegs: readonly FfmpegTools[],
  name: string,
  fn: (tools: FfmpegTools) => Promise<void>,
): void {
  for (const tools of ffmpegs) Deno.test(`${name} (ffmpeg ${tools.version.text})`, () => fn(tools));
}
