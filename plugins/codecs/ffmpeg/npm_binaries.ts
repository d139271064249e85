/** Programs inside npm packages, one package a system, fetched by the first run that needs them. */
import { fromFileUrl, join } from "@std/path";

/** Versions of the packages with an ffmpeg (4.1 and later snapshots) and an ffprobe, a system each. */
const PACKAGES: Readonly<Record<"ffmpeg" | "ffprobe", Readonly<Record<string, string>>>> = {
  ffmpeg: {
    "darwin-arm64": "4.1.5",
    "darwin-x64": "4.1.0",
    "linux-arm64": "4.1.4",
    "linux-x64": "4.1.0",
    "win32-x64": "4.1.0",
  },
  ffprobe: {
    "darwin-arm64": "5.0.1",
    "darwin-x64": "5.1.0",
    "linux-arm64": "5.2.0",
    "linux-x64": "5.2.0",
    "win32-x64": "5.1.0",
  },
};

/** The npm specifier of the package that holds a program for this system, `undefined` where there is none. */
export function npmSpecifier(
  program: "ffmpeg" | "ffprobe",
  { os, arch }: { readonly os: string; readonly arch: string } = Deno.build,
): string | undefined {
  const system = `${os === "windows" ? "win32" : os}-${arch === "x86_64" ? "x64" : "arm64"}`;
  const version = PACKAGES[program][system];
  return version && `npm:@${program}-installer/${system}@${version}`;
}

/**
 * The path of a program inside its npm package, which is downloaded (about 25 MB) if it is not in the cache yet.
 *
 * @throws {Error} If there is no package for this system, or it can't be fetched.
 */
export async function npmBinary(program: "ffmpeg" | "ffprobe"): Promise<string> {
  const specifier = npmSpecifier(program);
  if (!specifier) throw new Error(`no npm package holds ${program} for ${Deno.build.os} on ${Deno.build.arch}`);
  const manifest = `${specifier}/package.json`;
  // Importing the package's JSON makes Deno fetch and unpack it; only then does its path resolve.
  await import(manifest, { with: { type: "json" } });
  const folder = fromFileUrl(new URL(".", import.meta.resolve(manifest)));
  const path = join(folder, Deno.build.os === "windows" ? `${program}.exe` : program);
  // Deno runs no install scripts, and that of these packages does just this.
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o755);
  return path;
}
