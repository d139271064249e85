import { UsageError } from "@slomo/core";
import { downloadFfmpeg, type FfmpegProgram } from "@slomo/downloads";
import { dirname, join, resolve } from "@std/path";
import { askProgram } from "./ask_program.ts";
import { lastError } from "./process.ts";
import { type FfmpegVersion, parseVersion } from "./version.ts";

/** The programs of FFmpeg that read and write media. */
export interface FfmpegTools {
  /** Path of ffmpeg. */
  readonly ffmpeg: string;
  /** Path of ffprobe. */
  readonly ffprobe: string;
  /** ffmpeg's version. */
  readonly version: FfmpegVersion;
  /** Where ffmpeg was found: `option`, `$SLOMO_FFMPEG`, `PATH` or `download`. */
  readonly origin: string;
}

/** Options of {@linkcode locateFfmpeg}. */
export interface LocateOptions {
  /** Path of ffmpeg or of its folder. */
  readonly option?: string | undefined;
  /** Reads an environment variable. @default {`Deno.env.get`} */
  readonly env?: (name: string) => string | undefined;
  /** Downloads missing programs into the cache and returns the paths of all. @default {`downloadFfmpeg`} */
  readonly download?: (programs: readonly FfmpegProgram[]) => Promise<Readonly<Record<FfmpegProgram, string>>>;
  /** Stops a download. */
  readonly signal?: AbortSignal | undefined;
}

/** A program that works. */
interface Located {
  readonly path: string;
  readonly version: FfmpegVersion;
  readonly origin: string;
}

const ADVICE =
  "install ffmpeg (Debian: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), " +
  "or set `ffmpeg` or $SLOMO_FFMPEG to its path";

const fileName = (program: FfmpegProgram) => Deno.build.os === "windows" ? `${program}.exe` : program;

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory ?? false;
}

/** Returns the version of a program, or why it does not run. */
async function tryProgram(path: string): Promise<FfmpegVersion | string> {
  try {
    const { stdout, code, signal, errors } = await askProgram(path, ["-version"]);
    if (signal) return `${path} was killed by signal ${signal}`;
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

/**
 * Returns the program at a path that the user gave.
 *
 * @param origin Where the path was given.
 * @throws {UsageError} If it is missing or does not run.
 */
async function named(value: string, origin: "option" | "$SLOMO_FFMPEG"): Promise<Located> {
  const by = origin === "option" ? "`ffmpeg`" : origin;
  const details = { code: "program-missing", option: "ffmpeg" } as const;
  // When it is started, a bare name would be searched for in the PATH.
  const path = resolve(await isFolder(value) ? join(value, fileName("ffmpeg")) : value);
  if (!await isFile(path)) {
    throw new UsageError(`${by} must be the path of ffmpeg or of its folder; there is no file ${path}`, details);
  }
  const version = await tryProgram(path);
  if (typeof version === "string") {
    throw new UsageError(`${by} is the path of an ffmpeg that does not run: ${version}`, details);
  }
  return { path, version, origin };
}

/**
 * Finds ffmpeg and ffprobe: the option, `$SLOMO_FFMPEG`, the PATH, and last a current build from PyPI, which is downloaded
 * into the cache the first time. ffprobe is searched for in the folder of ffmpeg first, then in the same order.
 *
 * @param options Where to look.
 * @returns Both programs.
 * @throws {UsageError} If one of them is not found or does not run; the message lists the places searched and what to do.
 * @throws {unknown} The reason of `signal` after it aborted a download.
 * @example
 * ```ts
 * import { locateFfmpeg } from "@slomo/codecs";
 *
 * const { ffmpeg, version } = await locateFfmpeg();
 * console.log(ffmpeg, version.text);
 * ```
 */
export async function locateFfmpeg(
  {
    option,
    env = (name) => Deno.env.get(name),
    download = (programs) => downloadFfmpeg(programs, { env, signal }),
    signal,
  }: LocateOptions = {},
): Promise<FfmpegTools> {
  const causes: string[] = [], variable = env("SLOMO_FFMPEG");

  const attempt = async (path: string, origin: string): Promise<Located | undefined> => {
    const version = await tryProgram(path);
    if (typeof version !== "string") return { path, version, origin };
    causes.push(version);
  };
  const fromPath = async (program: FfmpegProgram): Promise<Located | undefined> => {
    const path = await inPath(program, env("PATH") ?? "");
    if (path !== undefined) return await attempt(path, "PATH");
    causes.push(`there is no ${program} in the PATH`);
  };

  let ffmpeg = option
    ? await named(option, "option")
    : variable
    ? await named(variable, "$SLOMO_FFMPEG")
    : await fromPath("ffmpeg");
  const beside = ffmpeg && join(dirname(ffmpeg.path), fileName("ffprobe"));
  let ffprobe = beside && await isFile(beside) ? beside : (await fromPath("ffprobe"))?.path;
  const missing = (["ffmpeg", "ffprobe"] as const).filter((program) => !(program === "ffmpeg" ? ffmpeg : ffprobe));
  if (missing.length > 0) {
    try {
      const paths = await download(missing);
      ffmpeg ??= await attempt(paths.ffmpeg, "download");
      ffprobe ??= (await attempt(paths.ffprobe, "download"))?.path;
    } catch (error) {
      signal?.throwIfAborted();
      causes.push(`downloading failed: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  if (!ffmpeg || !ffprobe) {
    throw new UsageError(`ffmpeg: cannot find ${missing.join(" and ")}: ${causes.join("; ")}; ${ADVICE}`, {
      code: "program-missing",
      option: "ffmpeg",
    });
  }
  return { ffmpeg: ffmpeg.path, ffprobe, version: ffmpeg.version, origin: ffmpeg.origin };
}

/** Returns the programs; the first call locates them. */
export type FfmpegLocator = (signal?: AbortSignal) => Promise<FfmpegTools>;

/**
 * Returns a function that locates ffmpeg at its first call, and returns the same programs at later ones. After a failure,
 * such as a download that another caller has aborted, it tries again.
 */
export function ffmpegLocator(options: LocateOptions = {}): FfmpegLocator {
  let located: Promise<FfmpegTools> | undefined;
  return async (signal) => {
    for (;;) {
      const isOwn = located === undefined, current = located ??= locateFfmpeg({ ...options, signal });
      try {
        return await current;
      } catch (error) {
        if (located === current) located = undefined;
        if (isOwn) throw error;
        signal?.throwIfAborted();
      }
    }
  };
}
