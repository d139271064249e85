import { UsageError } from "@slomo/core";
import { dirname, join, resolve } from "@std/path";
import { npmBinary } from "./npm_binaries.ts";
import { lastError, runProcess } from "./process.ts";
import { type FfmpegVersion, parseVersion } from "./version.ts";

/** The two programs that do the work. */
export interface FfmpegTools {
  /** Path of ffmpeg. */
  readonly ffmpeg: string;
  /** Path of ffprobe. */
  readonly ffprobe: string;
  /** ffmpeg's version. */
  readonly version: FfmpegVersion;
  /** Where ffmpeg was found: `--ffmpeg`, `$SLOMO_FFMPEG`, `PATH` or `npm`. */
  readonly origin: string;
}

/** What {@linkcode locateFfmpeg} looks at; the defaults are this process's. */
export interface LocateOptions {
  /** Path of ffmpeg or of its folder. */
  readonly option?: string | undefined;
  /** Reads an environment variable. */
  readonly env?: (name: string) => string | undefined;
  /** Path of a program inside an npm package; rejects if it can't be had. */
  readonly npm?: (program: "ffmpeg" | "ffprobe") => Promise<string>;
}

type Program = "ffmpeg" | "ffprobe";

const ADVICE =
  "install ffmpeg (Debian: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), " +
  "or name it with --ffmpeg PATH or $SLOMO_FFMPEG";

const fileName = (program: Program) => Deno.build.os === "windows" ? `${program}.exe` : program;

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

async function inPath(program: Program, path: string): Promise<string | undefined> {
  for (const folder of path.split(Deno.build.os === "windows" ? ";" : ":")) {
    const candidate = join(folder, fileName(program));
    if (folder !== "" && await isFile(candidate)) return candidate;
  }
}

/** A program that was asked for by path, which must be there and run. */
async function named(value: string, by: string): Promise<{ path: string; version: FfmpegVersion }> {
  // A bare name would be looked for in the PATH when it is started.
  const path = resolve(await isFolder(value) ? join(value, fileName("ffmpeg")) : value);
  if (!await isFile(path)) throw new UsageError(`${by} must name ffmpeg or its folder; there is no file ${path}`);
  const version = await tryProgram(path);
  if (typeof version === "string") throw new UsageError(`${by} names an ffmpeg that does not run: ${version}`);
  return { path, version };
}

/**
 * Finds ffmpeg and ffprobe: the option, `$SLOMO_FFMPEG`, the PATH, then the binaries inside npm packages, which are
 * downloaded only when it comes to that. ffprobe is looked for beside ffmpeg first, then in the same order.
 *
 * @throws {UsageError} If one of them is not found or does not run; the message names what was tried and the way out.
 */
export async function locateFfmpeg(
  { option, env = (name) => Deno.env.get(name), npm = npmBinary }: LocateOptions = {},
): Promise<FfmpegTools> {
  const tried: string[] = [];
  const path = env("PATH") ?? "", variable = env("SLOMO_FFMPEG");

  const search = async (program: Program): Promise<{ path: string; version: FfmpegVersion; origin: string }> => {
    const found = await inPath(program, path);
    if (!found) tried.push(`no ${program} in the PATH`);
    else {
      const version = await tryProgram(found);
      if (typeof version !== "string") return { path: found, version, origin: "PATH" };
      tried.push(version);
    }
    try {
      const packed = await npm(program);
      const version = await tryProgram(packed);
      if (typeof version !== "string") return { path: packed, version, origin: "npm" };
      tried.push(version);
    } catch (error) {
      tried.push(`the npm package of ${program}: ${(error as Error).message.split("\n")[0]}`);
    }
    throw new UsageError(`${program} was not found: ${tried.join("; ")}; ${ADVICE}`);
  };

  const ffmpeg = option
    ? { ...await named(option, "--ffmpeg"), origin: "--ffmpeg" }
    : variable
    ? { ...await named(variable, "$SLOMO_FFMPEG"), origin: "$SLOMO_FFMPEG" }
    : await search("ffmpeg");
  const beside = join(dirname(ffmpeg.path), fileName("ffprobe"));
  const ffprobe = await isFile(beside) ? beside : (await search("ffprobe")).path;
  return { ffmpeg: ffmpeg.path, ffprobe, version: ffmpeg.version, origin: ffmpeg.origin };
}
