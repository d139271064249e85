import { dirname, fromFileUrl, join, resolve } from "@std/path";
import { type MachineFacts, valueOf } from "./permissions.ts";

const isWindows = Deno.build.os === "windows";

const statOf = (path: string) => Deno.stat(path).catch(() => undefined);

async function inPath(name: string): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(isWindows ? ";" : ":")) {
    const path = join(folder, isWindows ? `${name}.exe` : name);
    if (folder !== "" && (await statOf(path))?.isFile) return path;
  }
}

/** Where the codec will find its programs, in its own order; `undefined` where it would ask npm. */
async function findFfmpeg(args: readonly string[], from: string): Promise<string[] | undefined> {
  const named = valueOf(args, "ffmpeg") ?? Deno.env.get("SLOMO_FFMPEG"), probe = await inPath("ffprobe");
  if (!named) {
    const found = await inPath("ffmpeg");
    return found && probe && [found, probe, join(dirname(found), isWindows ? "ffprobe.exe" : "ffprobe")] || undefined;
  }
  const path = resolve(from, named), folder = (await statOf(path))?.isDirectory ? path : dirname(path);
  const beside = ["ffmpeg", "ffprobe"].map((name) => join(folder, isWindows ? `${name}.exe` : name));
  if (!probe && !await statOf(beside[1]!)) return undefined;
  return [...new Set([path, ...beside, ...probe ? [probe] : []])];
}

/** Servers that a text names. */
function hostsIn(text: string): string[] {
  return [...text.matchAll(/\bhttps?:\/\/[^\s"'<>]+/g)].flatMap(([url]) => {
    const { host, port, protocol } = URL.parse(url) ?? {};
    return host ? [port ? host : `${host}:${protocol === "http:" ? 80 : 443}`] : [];
  });
}

/** What decides a task's permissions beside its name. */
export async function machineFacts(args: readonly string[]): Promise<MachineFacts> {
  const from = Deno.env.get("INIT_CWD") ?? Deno.cwd(), manifest = valueOf(args, "manifest");
  const file = manifest === undefined
    ? fromFileUrl(new URL("../../slomo.json", import.meta.url))
    : resolve(from, manifest);
  const text = await Deno.readTextFile(file).catch(() => "");
  // The schema is read by editors alone.
  const named = text.replace(/"\$schema"\s*:\s*"[^"]*"/, "");
  return {
    ffmpeg: await findFfmpeg(args, from),
    hasLoaderVariables: Object.keys(Deno.env.toObject()).some((name) => /^(LD|DYLD)_/.test(name)),
    hosts: [...new Set([...args, named].flatMap(hostsIn))],
    deno: Deno.execPath(),
  };
}
