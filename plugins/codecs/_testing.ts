/** Helpers of this package's tests: generated clips, copies of videos, and the ffmpegs to run on. */
import type { Frame, MediaHandler, MediaInfo, MediaReader, WriteOptions, WritePlan, WriterOptions } from "@slomo/core";
import { multiply, type Rational, rational, round } from "@slomo/core/time";
import { cacheFolder, exists, readEnvironment } from "@slomo/downloads";
import { dirname, extname, fromFileUrl, isAbsolute, join } from "@std/path";
import { createHash } from "node:crypto";
import { testCases } from "../../tests/_more.ts";
import { type FfmpegTools, locateFfmpeg } from "./ffmpeg/locate.ts";
import { runProcess } from "./ffmpeg/process.ts";
import { hasDisplayRotation } from "./ffmpeg/version.ts";

/**
 * Returns the ffmpegs that tests run on: the one that slomo locates, then those of `$SLOMO_TEST_FFMPEGS`, a list of paths
 * separated by semicolons (or colons, except on Windows).
 */
export async function testFfmpegs(): Promise<readonly FfmpegTools[]> {
  const separator = Deno.build.os === "windows" ? ";" : /[:;]/;
  const named = (Deno.env.get("SLOMO_TEST_FFMPEGS") ?? "").split(separator).filter((path) => path !== "");
  return await Promise.all([locateFfmpeg(), ...named.map((option) => locateFfmpeg({ option }))]);
}

/** Defines one test per ffmpeg, with its version in the name. */
export function testEachFfmpeg(
  ffmpegs: readonly FfmpegTools[],
  name: string,
  fn: (tools: FfmpegTools) => Promise<void>,
): void {
  for (const tools of ffmpegs) Deno.test(`${name} (ffmpeg ${tools.version.text})`, () => fn(tools));
}

/** Defines a test over cases per ffmpeg, as {@linkcode testCases} does. */
export function testEachFfmpegCases<Case>(
  ffmpegs: readonly FfmpegTools[],
  name: string,
  few: readonly Case[],
  more: readonly Case[],
  fn: (tools: FfmpegTools, cases: readonly Case[]) => Promise<void>,
): void {
  for (const tools of ffmpegs) {
    testCases(`${name} (ffmpeg ${tools.version.text})`, few, more, (_, cases) => fn(tools, cases));
  }
}

/** A temporary folder for the files of one test. */
export interface Scratch {
  /** Its path. */
  readonly folder: string;
  /** The path of a file in it. */
  path(name: string): string;
}

/** Runs `fn` with a new folder, and removes the folder afterwards. */
export async function withScratch(fn: (scratch: Scratch) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-codecs-" });
  try {
    await fn({ folder, path: (name) => join(folder, name) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Runs code in a process whose current folder is `folder`, because the threads of one process share theirs.
 *
 * @param code Body of a module, which imports by absolute URLs.
 * @returns Its output.
 * @throws {Error} If the code throws.
 */
export async function evalIn(folder: string, code: string): Promise<string> {
  const args = ["eval", "--no-check", "--config", fromFileUrl(new URL("../../deno.json", import.meta.url)), code];
  const options = { args, cwd: folder, env: { NO_COLOR: "1" } };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Folder of the files that ffmpeg generated for tests, in this run or an earlier one. */
const GENERATED = join(cacheFolder(readEnvironment), "test-inputs");

/**
 * Returns the name under which a file that ffmpeg generates is kept: a hash of the program and its arguments. Returns
 * `undefined` if the file depends on other files, or is not a single file.
 */
async function keptName(ffmpeg: string, args: readonly string[]): Promise<string | undefined> {
  const output = args.at(-1)!, others = args.slice(0, -1), folder = dirname(output);
  const isGenerated = args.every((arg, i) => arg !== "-i" || args[i - 2] === "-f" && args[i - 1] === "lavfi");
  if (!isGenerated || !isAbsolute(output) || output.includes("%") || others.some((arg) => arg.includes(folder))) return;
  const { size, mtime } = await Deno.stat(ffmpeg);
  const text = JSON.stringify([ffmpeg, size, mtime, others]);
  return createHash("sha256").update(text).digest("hex") + extname(output);
}

/**
 * Generates a file with ffmpeg. A file that depends on the arguments only is kept in slomo's cache, and copied from there
 * the next time.
 *
 * @param args Arguments of ffmpeg, of which the last is the output.
 * @param run Runs ffmpeg with the given arguments, and returns its standard output.
 * @returns Standard output.
 */
export async function generate(
  ffmpeg: string,
  args: readonly string[],
  run: (args: readonly string[]) => Promise<string>,
): Promise<string> {
  const name = await keptName(ffmpeg, args);
  if (name === undefined) return await run(args);
  const kept = join(GENERATED, name);
  if (!await exists(kept)) {
    const partial = join(GENERATED, `${crypto.randomUUID()}${extname(name)}`);
    await Deno.mkdir(GENERATED, { recursive: true });
    try {
      await run([...args.slice(0, -1), partial]);
      await Deno.rename(partial, kept);
    } catch (error) {
      await Deno.remove(partial).catch(() => {});
      throw error;
    }
  }
  await Deno.copyFile(kept, args.at(-1)!);
  return "";
}

/** Runs ffmpeg to generate the input of a test. Arguments in one string are split at spaces. */
export async function make(ffmpeg: string, args: string | readonly string[]): Promise<void> {
  await generate(ffmpeg, typeof args === "string" ? args.trim().split(/\s+/) : args, async (list) => {
    const { code, stdout, errors } = await runProcess(ffmpeg, ["-nostdin", "-v", "error", "-y", ...list]);
    if (code !== 0) throw new Error(`test clip: ffmpeg ${list.join(" ")}: ${errors.join("; ")}`);
    return stdout;
  });
}

/** Copies a video and adds a clockwise rotation to its metadata, with the option of this version of ffmpeg. */
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

/** Returns fields of a stream as ffprobe prints them. */
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

/** Returns the timestamps of the frames of a stream in presentation order, as ffprobe prints them. */
export async function framePts(ffprobe: string, path: string, stream = "v:0"): Promise<string[]> {
  const args = ["-v", "error", "-select_streams", stream, "-show_entries", "frame=pts", "-of", "csv=p=0"];
  const { stdout } = await runProcess(ffprobe, [...args, `file:${path}`]);
  return stdout.split("\n").map((line) => line.replace(/,.*$/, "").trim()).filter((line) => line !== "");
}

/** Returns the checksum of each frame of a stream, decoded without conversion, or with `copy` of each packet. */
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

/** Options of {@linkcode copyVideo}. */
export interface CopyOptions extends Partial<Omit<WriteOptions, "copy" | "image">>, WriterOptions {
  /** Start of the part to copy, in seconds. */
  readonly start?: Rational;
  /** End of the part to copy, in seconds. */
  readonly end?: Rational;
  /** Treatment of the audio. @default {"keep"} */
  readonly audio?: "keep" | "stretch" | "drop";
  /** Factor by which the video becomes longer. @default {1} */
  readonly slowdown?: Rational;
  /** Changes a frame before it is written. */
  readonly change?: (frame: Frame, index: number) => Frame | Promise<Frame>;
}

/** Result of {@linkcode copyVideo}. */
export interface CopiedVideo {
  /** Description of the source. */
  readonly info: MediaInfo;
  /** Plan of the sink. */
  readonly plan: WritePlan;
  /** The frames that were written. */
  readonly frames: readonly Frame[];
  /** Warnings while reading. */
  readonly warnings: readonly string[];
}

/** Returns the options that write a video unchanged. */
export function writeOptions(source: MediaReader, location: string, options: CopyOptions = {}): WriteOptions {
  const { start, end, audio = "keep", slowdown = rational(1), change: _change, resumption: _resumption, ...rest } =
      options,
    { video } = source.info;
  return {
    location,
    image: { width: video.width, height: video.height, format: video.format, color: video.color },
    timebase: video.timebase,
    rate: video.constantRate && slowdown.num === slowdown.den ? video.rate : undefined,
    sampleAspect: video.sampleAspect,
    rotation: video.rotation,
    overwrite: false,
    copy: { source, start, end, audio, slowdown },
    ...rest,
  };
}

/** Copies the frames of a video, `slowdown` times slower. */
export async function copyVideo(
  codec: MediaHandler,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<CopiedVideo> {
  const { start, end, slowdown = rational(1), signal, change = (frame) => frame } = options;
  const reader = await codec.source!.open(from), { info } = reader;
  const plan = await codec.sink!.plan(writeOptions(reader, to, options));
  const writer = await plan.open({ signal, resumption: options.resumption });
  const frames: Frame[] = [], warnings: string[] = [];
  try {
    for await (
      const read of reader.frames({
        start,
        end,
        signal,
        onWarning: (text) => warnings.push(text),
      })
    ) {
      const first = frames[0]?.pts ?? read.pts;
      const pts = first + round(multiply(rational(read.pts - first), slowdown));
      const frame = await change(
        slowdown.num === slowdown.den ? read : { ...read, pts, duration: undefined },
        frames.length,
      );
      frames.push(frame);
      await writer.write(frame);
    }
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { info, plan, frames, warnings };
}
