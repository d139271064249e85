import { cacheFolder, downloadedProgram, type FfmpegProgram } from "@slomo/downloads";
import { SHIPPED_MANIFEST } from "@slomo/slomo/shipped";
import { readProfile, readStorageAddress, STORAGE_VARIABLES } from "@slomo/storage/locations";
import { dirname, join, resolve } from "@std/path";
import { type MachineFacts, valueOf } from "./permissions.ts";

const isWindows = Deno.build.os === "windows";

const statOf = (path: string) => Deno.stat(path).catch(() => undefined);

async function inPath(name: string): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(isWindows ? ";" : ":")) {
    const path = join(folder, isWindows ? `${name}.exe` : name);
    if (folder !== "" && (await statOf(path))?.isFile) return path;
  }
}

const env = (name: string) => Deno.env.get(name);

/** Returns the path of a downloaded program. */
async function inCache(program: FfmpegProgram): Promise<string | undefined> {
  const path = downloadedProgram(program, env);
  return path && await statOf(path) ? path : undefined;
}

/** Returns the programs that the media handlers may start; `undefined` if one must be downloaded first. */
async function findFfmpeg(args: readonly string[], from: string): Promise<string[] | undefined> {
  const [ffmpeg, ffprobe] = [await inCache("ffmpeg"), await inCache("ffprobe")];
  const named = valueOf(args, "ffmpeg") ?? Deno.env.get("SLOMO_FFMPEG");
  const path = named === undefined ? await inPath("ffmpeg") ?? ffmpeg : resolve(from, named);
  if (path === undefined) return undefined;
  const folder = (await statOf(path))?.isDirectory ? path : dirname(path);
  const given = ["ffmpeg", "ffprobe"].map((name) => join(folder, isWindows ? `${name}.exe` : name));
  const probe = await statOf(given[1]!) ? given[1] : await inPath("ffprobe") ?? ffprobe;
  if (probe === undefined) return undefined;
  // A program of the PATH that does not run is replaced by a downloaded one.
  return [...new Set([path, ...given, probe, ...[ffmpeg, ffprobe].filter((found) => found !== undefined)])];
}

/** Returns the servers in a text, with ports. */
function hostsIn(text: string): string[] {
  return [...text.matchAll(/\bhttps?:\/\/(\[[\da-f:.]+\]|[\w-]+(\.[\w-]+)*)(:\d+)?/gi)].flatMap(([url]) => {
    const { host, port, protocol } = URL.parse(url) ?? {};
    return host ? [port ? host : `${host}:${protocol === "http:" ? 80 : 443}`] : [];
  });
}

/** Returns whether a task reads or writes objects: those in its arguments, or those of the plan in a folder that it names. */
async function usesObjects(args: readonly string[], from: string): Promise<boolean> {
  // Those who submit a video to a queue only name objects.
  if (valueOf(args, "queue") !== undefined) return false;
  if (args.some((arg) => /(^|[=,])s3:\/\//i.test(arg))) return true;
  if (!["scan", "merge", "make", "join"].includes(args[0]!) || args[1] === undefined) return false;
  const texts = ["plan.json", "shards.json"].map((name) =>
    Deno.readTextFile(resolve(from, args[1]!, name)).catch(() => "")
  );
  return (await Promise.all(texts)).some((text) => /"input": "s3:\/\//i.test(text));
}

/** Returns the object storage. The task reports a wrong address. */
async function storageFacts(): Promise<MachineFacts["storage"]> {
  try {
    return { host: readStorageAddress(env, await readProfile(env)).host, variables: STORAGE_VARIABLES };
  } catch {
    return { host: "127.0.0.1:0", variables: STORAGE_VARIABLES };
  }
}

/** Returns the facts about the machine that determine permissions. */
export async function machineFacts(args: readonly string[]): Promise<MachineFacts> {
  const from = Deno.env.get("INIT_CWD") ?? Deno.cwd(), manifest = valueOf(args, "manifest");
  const text = manifest === undefined
    ? SHIPPED_MANIFEST
    : await Deno.readTextFile(resolve(from, manifest)).catch(() => "");
  // Only editors read the schema.
  const named = text.replace(/"\$schema"\s*:\s*"[^"]*"/, "");
  return {
    ffmpeg: await findFfmpeg(args, from),
    cache: cacheFolder(env),
    temporary: Deno.env.get("TMPDIR") ?? (isWindows ? Deno.env.get("TEMP") ?? "" : "/tmp"),
    hasLoaderVariables: Object.keys(Deno.env.toObject()).some((name) => /^(LD|DYLD)_/.test(name)),
    hosts: [...new Set([...args, named].flatMap(hostsIn))],
    storage: await usesObjects(args, from) ? await storageFacts() : undefined,
    deno: Deno.execPath(),
  };
}
