import { BACKENDS } from "@slomo/slomo/backends";
import type { MediaInfo } from "@slomo/core";
import type { ResolvedManifest } from "@slomo/core/manifest";
import { dirname, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import type { InterpolateCommand } from "./options.ts";
import type { Model } from "./session.ts";
import { hashSources } from "./source_hash.ts";

/** Bytes at either end of a video by which it is known again, beside its size and date. */
const ENDS = 2 ** 20;

async function sha256(...parts: readonly Uint8Array[]): Promise<string> {
  // In memory of its own: weights may lie in memory that threads share.
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole)).toHex();
}

async function stamp(path: string): Promise<string> {
  const { size, mtime } = await Deno.stat(path);
  return `${size} bytes of ${mtime?.toISOString() ?? "an unknown time"}`;
}

async function videoStamp(path: string): Promise<string> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const read = async (at: number) => {
    await file.seek(at, Deno.SeekMode.Start);
    const bytes = new Uint8Array(Math.min(ENDS, size - at));
    for (let done = 0; done < bytes.length;) {
      const count = await file.read(bytes.subarray(done));
      if (count === null) break;
      done += count;
    }
    return bytes;
  };
  return `${await stamp(path)} ${await sha256(await read(0), await read(Math.max(0, size - ENDS)))}`;
}

/** What tells a source from one that has been changed: for images every file's name, size and date, for a video its ends too. */
async function inputStamp({ location, frameNames }: MediaInfo): Promise<string> {
  if (!frameNames) return await videoStamp(location);
  const isFolder = (await Deno.stat(location).catch(() => undefined))?.isDirectory ?? false;
  const folder = isFolder ? location : dirname(location), encoder = new TextEncoder();
  const stamps = await Promise.all(frameNames.map(async (name) => `${name} ${await stamp(join(folder, name))}`));
  return await sha256(encoder.encode(stamps.join("\n")));
}

/** Parts of a command that change no frame, or that are told elsewhere. */
const ELSEWHERE: ReadonlySet<string> = new Set<keyof InterpolateCommand | keyof InterpolateCommand["job"]>([
  ...["overwrite", "audio", "encoder", "crf", "pixelFormat"] as const,
  ...["videos", "job", "backend", "device", "workers", "weights", "model", "manifest", "ffmpeg"] as const,
  ...["tile", "overlap", "resume", "plan", "json", "quiet"] as const,
]);

/** Options by which parts of a command are set, where they are called otherwise. */
const OPTIONS: Readonly<Record<string, string>> = {
  sampling: "--factor or --fps",
  cuts: "--cut-threshold or --no-cuts",
};

/** All settings of a command that change its frames, each by its option's name. */
function settings(command: InterpolateCommand): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...command.job, ...command })) {
    if (ELSEWHERE.has(name) || value === undefined || value === false && name !== "cuts") continue;
    const option = OPTIONS[name] ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    facts[option] = JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}` : part);
  }
  return facts;
}

/** How frames are cut, whoever decided it; a tile that holds a whole frame cuts nothing. */
function tilesText({ tiles }: Model, { width, height }: MediaInfo["video"]): string {
  if (!tiles || tiles.tile >= Math.max(width, height)) return "whole frames";
  return `${tiles.tile} pixels, ${tiles.overlap} shared`;
}

/**
 * What the frames of a job depend on, by names for people: two runs with equal facts make equal frames. The number of
 * threads is not among them.
 */
export async function jobFacts(command: InterpolateCommand, { info, manifest, model }: {
  readonly info: MediaInfo;
  readonly manifest: ResolvedManifest;
  readonly model: Model;
}): Promise<Record<string, string>> {
  const { plugins, use } = manifest, { weights, engine } = model;
  return {
    ...settings(command),
    "slomo's version": `${config.version} on Deno ${Deno.version.deno}`,
    "the code of slomo or its plugins": await hashSources([
      new URL("../interpolate.ts", import.meta.url).href,
      import.meta.resolve("@slomo/engine/worker"),
      ...BACKENDS.filter(({ name }) => name === engine.backend).map(({ module }) => module),
      ...plugins,
    ]),
    "the manifest": JSON.stringify({ plugins, use }),
    "the model": weights ? await sha256(weights.bytes) : "none",
    "the backend": `${engine.backend} on ${engine.device}`,
    "the tiles": tilesText(model, info.video),
    "the input": await inputStamp(info),
  };
}
