import { fromFileUrl, join } from "@std/path";
import type { FfmpegTools } from "../ffmpeg/locate.ts";
import { runProcess } from "../ffmpeg/process.ts";
import { hasDisplayRotation } from "../ffmpeg/version.ts";

/** A folder for one test's files. */
export interface Scratch {
  /** Its path. */
  readonly folder: string;
  /** The path of a file in it. */
  path(name: string): string;
}

/** Runs `fn` with a new folder, which is removed afterwards. */
export async function withScratch(fn: (scratch: Scratch) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-codecs-" });
  try {
    await fn({ folder, path: (name) => join(folder, name) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Runs code in a process whose current folder is `folder`, since threads of one process share theirs. Fails with what the code
 * throws.
 *
 * @param code Body of a module, which imports by absolute URLs.
 * @returns What it prints.
 */
export async function evalIn(folder: string, code: string): Promise<string> {
  const args = ["eval", "--no-check", "--config", fromFileUrl(new URL("../../../deno.json", import.meta.url)), code];
  const options = { args, cwd: folder, env: { NO_COLOR: "1" } };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Runs ffmpeg to make a test's input; arguments split at spaces, or given one by one. */
export async function make(ffmpeg: string, args: string | readonly string[]): Promise<void> {
  const list = typeof args === "string" ? args.trim().split(/\s+/) : args;
  const { code, errors } = await runProcess(ffmpeg, ["-nostdin", "-v", "error", "-y", ...list]);
  if (code !== 0) throw new Error(`test clip: ffmpeg ${list.join(" ")}: ${errors.join("; ")}`);
}

/** Copies a video with a tag that rotates it clockwise, written the way this version of ffmpeg can. */
export async function makeRotated(
  { ffmpeg, version }: FfmpegTools,
  from: string,
  to: string,
  rotation: 90 | 180 | 270,
): Promise<void> {
  await make(
    ffmpeg,
    hasDisplayRotation(version)
      ? ["-display_rotation:v:0", `${-rotation}`, "-i", from, "-c", "copy", to]
      : ["-i", from, "-c", "copy", "-metadata:s:v:0", `rotate=${rotation}`, to],
  );
}

/** Fields of a stream as ffprobe prints them, `key=value` a line. */
export async function probeFields(
  ffprobe: string,
  path: string,
  stream: string,
  fields: string,
): Promise<Record<string, string>> {
  const args = ["-v", "error", "-select_streams", stream, "-count_frames", "-show_entries", `stream=${fields}`];
  const { stdout } = await runProcess(ffprobe, [...args, "-of", "default=nw=1", `file:${path}`]);
  return Object.fromEntries(stdout.trim().split("\n").map((line) => line.split("=", 2) as [string, string]));
}

/** Timestamps of a stream's frames as ffprobe prints them, in the order of presentation. */
export async function framePts(ffprobe: string, path: string, stream = "v:0"): Promise<string[]> {
  const args = ["-v", "error", "-select_streams", stream, "-show_entries", "frame=pts", "-of", "csv=p=0"];
  const { stdout } = await runProcess(ffprobe, [...args, `file:${path}`]);
  return stdout.split("\n").map((line) => line.replace(/,.*$/, "").trim()).filter((line) => line !== "");
}

/** A check sum of every frame of a stream, decoded without conversion, or of its packets with `copy`. */
export async function streamHash(ffmpeg: string, path: string, stream = "0:v:0", copy = false): Promise<string[]> {
  const codec = copy ? ["-c", "copy"] : [];
  const { stdout } = await runProcess(ffmpeg, [
    ...[
      "-nostdin",
      "-v",
      "error",
      "-noautorotate",
      "-i",
      `file:${path}`,
      "-map",
      stream,
      ...codec,
      "-f",
      "framemd5",
      "-",
    ],
  ]);
  return stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) =>
    line.split(",").at(-1)!.trim()
  );
}
