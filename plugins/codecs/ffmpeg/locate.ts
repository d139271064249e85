import { UsageError } from "@slomo/core";
import { downloadFfmpeg, type FfmpegProgram } from "@slomo/downloads";
import { dirname, join, resolve } from "@std/path";
import { lastError, runProcess } from "./process.ts";
import { type FfmpegVersion, parseVersion } from "./version.ts";

/** The programs of FFmpeg that read and write media. */
export interface FfmpegTools {
  /** Path of ffmpeg. */
  readonly ffmpeg: string;
  /** Path of ffprobe. */
  readonly ffprobe: string;
  /** ffmpeg's version. */
  readonly version: FfmpegVersion;
  /** Where ffmpeg was found: `--ffmpeg`, `$SLOMO_FFMPEG`, `PATH` or `download`. */
  readonly origin: string;
}

/** Options of {@linkcode locateFfmpeg}. */
export interface LocateOptions {
  /** Path of ffmpeg or of its folder. */
  readonly option?: string | undefined;
  /** Reads an environment variable. @default {`Deno.env.get`} */
  readonly env?: (name: string) => string | undefined;
  /** Downloads programs into the cache, unless they are there, and returns their paths. @default {`downloadFfmpeg`} */
  readonly download?: (programs: readonly FfmpegProgram[]) => Promise<Readonly<Record<FfmpegProgram, string>>>;
}

/** A program that runs. */
interface Found {
  readonly path: string;
  readonly version: FfmpegVersion;
  readonly origin: string;
}

const ADVICE =
  "install ffmpeg (Debian: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), " +
  "or name it with --ffmpeg PATH or $SLOMO_FFMPEG";

const fileName = (program: FfmpegProgram) => Deno.build.os === "windows" ? `${program}.exe` : program;

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory ?? false;
}

/** The version of a program, or why it does not run. */
async function tryProgram(path: string): Promise<FfmpegVersion | string> {
  try {
    const { stdout, code, signal, errors } = await runProcess(path, ["-version"], { timeout: 20_000 });
    if (signal) return `${path} was ended by signal ${signal}`;
    return parseVersion(stdout) ??
      `${path} is not an ffmpeg${
        code === 0 ? "" : ` (exit code ${code}${errors.length ? `, ${lastError(errors)}` : ""})`
      }`;
  } catch (error) {
    return (error as Error).message;
  }
}

async function inPath(program: FfmpegProgram, path: string): Promise<string | undefined> {
  for (const folder of path.split(Deno.build.os === "windows" ? ";" : ":")) {
    const candidate = join(folder, fileName(program));
    if (folder !== "" && await isFile(candidate)) return candidate;
  }
}

/** Returns the program that was asked for by path, which has to be there and run. */
async function named(value: string, by: string): Promise<Found> {
  // When it is started, a bare name would be looked for in the PATH.
  const path = resolve(await isFolder(value) ? join(value, fileName("ffmpeg")) : value);
  if (!await isFile(path)) throw new UsageError(`${by} must name ffmpeg or its folder; there is no file ${path}`);
  const version = await tryProgram(path);
  if (typeof version === "string") throw new UsageError(`${by} names an ffmpeg that does not run: ${version}`);
  return { path, version, origin: by };
}

/**
 * Finds ffmpeg and ffprobe: the option, `$SLOMO_FFMPEG`, the PATH, and last a current build from PyPI, which is downloaded
 * into the cache the first time. ffprobe is looked for beside ffmpeg first, then in the same order.
 *
 * @param options Where to look.
 * @returns Both programs.
 * @throws {UsageError} If one of them is not found or does not run; the message names what was tried and what to do.
 * @example
 * ```ts
 * import { locateFfmpeg } from "@slomo/codecs";
 *
 * const { ffmpeg, version } = await locateFfmpeg();
 * console.log(ffmpeg, version.text);
 * ```
 */
export async function locateFfmpeg(
  { option, env = (name) => Deno.env.get(name), download = (programs) => downloadFfmpeg(programs, { env }) }:
    LocateOptions = {},
): Promise<FfmpegTools> {
  const causes: string[] = [], variable = env("SLOMO_FFMPEG");

  const tried = async (path: string, origin: string): Promise<Found | undefined> => {
    const version = await tryProgram(path);
    if (typeof version !== "string") return { path, version, origin };
    causes.push(version);
  };
  const fromPath = async (program: FfmpegProgram): Promise<Found | undefined> => {
    const path = await inPath(program, env("PATH") ?? "");
    if (path !== undefined) return await tried(path, "PATH");
    causes.push(`there is no ${program} in the PATH`);
  };

  let ffmpeg = option
    ? await named(option, "--ffmpeg")
    : variable
    ? await named(variable, "$SLOMO_FFMPEG")
    : await fromPath("ffmpeg");
  const beside = ffmpeg && join(dirname(ffmpeg.path), fileName("ffprobe"));
  let ffprobe = beside && await isFile(beside) ? beside : (await fromPath("ffprobe"))?.path;
  const missing = (["ffmpeg", "ffprobe"] as const).filter((program) => !(program === "ffmpeg" ? ffmpeg : ffprobe));
  if (missing.length > 0) {
    try {
      const paths = await download(missing);
      ffmpeg ??= await tried(paths.ffmpeg, "download");
      ffprobe ??= (await tried(paths.ffprobe, "download"))?.path;
    } catch (error) {
      causes.push(`downloading failed: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  if (!ffmpeg || !ffprobe) {
    throw new UsageError(`ffmpeg: cannot find ${missing.join(" and ")}: ${causes.join("; ")}; ${ADVICE}`);
  }
  return { ffmpeg: ffmpeg.path, ffprobe, version: ffmpeg.version, origin: ffmpeg.origin };
}
