import type { MediaInfo } from "@slomo/core";
import { servedFingerprint, sha256 } from "@slomo/core/files";
import type { ResolvedManifest } from "@slomo/core/manifest";
import type { JobOptions, PreparedJob } from "@slomo/core/video";
import { PAIR_WORKER } from "@slomo/engine";
import { dirname, join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { BACKENDS } from "./backends.ts";
import { codeHash } from "./code_hash.ts";
import type { Model } from "./model.ts";

/** Number of bytes at each end of a video that its fingerprint includes, in addition to size and date. */
const ENDS = 2 ** 20;

async function fileFacts(path: string): Promise<string> {
  const { size, mtime } = await Deno.stat(path);
  return `${size} bytes of ${mtime?.toISOString() ?? "an unknown time"}`;
}

async function videoFingerprint(path: string): Promise<string> {
  const served = servedFingerprint(path);
  if (served !== undefined) return served;
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
  return `${await fileFacts(path)} ${await sha256(await read(0), await read(Math.max(0, size - ENDS)))}`;
}

/** Returns a fingerprint of the input: name, size and date of each image, or size, date and a hash of both ends of a video. */
async function inputFingerprint({ location, frameNames }: MediaInfo): Promise<string> {
  if (!frameNames) return await videoFingerprint(location);
  const isFolder = (await Deno.stat(location).catch(() => undefined))?.isDirectory ?? false;
  const folder = isFolder ? location : dirname(location);
  const files = await Promise.all(frameNames.map(async (name) => `${name} ${await fileFacts(join(folder, name))}`));
  return await sha256(files.join("\n"));
}

/** Options of a job that do not change frames, or that other facts include. */
const COVERED: ReadonlySet<string> = new Set<keyof JobOptions>([
  ...["input", "output", "frames", "overwrite", "audio", "encoder", "crf", "pixelFormat"] as const,
]);

/** Names of options that differ from those in {@linkcode JobOptions}. */
const OPTIONS: Readonly<Record<string, string>> = { sampling: "`factor`, `fps`, `slow` or `retime`" };

/** Returns the options that change frames, by name. */
function settings(options: Readonly<Record<string, unknown>>): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const [name, value] of Object.entries(options)) {
    if (COVERED.has(name) || value === undefined || value === false && name !== "cuts") continue;
    facts[OPTIONS[name] ?? `\`${name}\``] = JSON.stringify(
      value,
      (_, part) => typeof part === "bigint" ? `${part}` : part,
    );
  }
  return facts;
}

/** Describes the tiles. Tiles that hold a whole frame count as none. */
function tilesText({ tiles }: Model, { width, height }: MediaInfo["video"]): string {
  if (!tiles || tiles.tile >= Math.max(width, height)) return "whole frames";
  return `${tiles.tile} pixels, ${tiles.overlap} shared`;
}

/**
 * Returns the modules that compute frames: the library; the worker, which is started by its URL; the backend, which the
 * worker imports by its URL; and the plugins.
 */
export function codeOf(plugins: readonly string[], backend: string): string[] {
  return [
    import.meta.url,
    import.meta.resolve("./slomo.ts"),
    PAIR_WORKER.href,
    ...BACKENDS.filter(({ name }) => name === backend).map(({ module }) => module),
    ...plugins,
  ];
}

/** Further options that change frames. */
export interface ModelSettings {
  /** Scale at which flow is estimated. */
  readonly flowScale?: number | undefined;
  /** Number format of convolutions. */
  readonly precision?: string | undefined;
  /** Folder for flow and visibility. */
  readonly flowOut?: string | undefined;
}

type Facts = Readonly<Record<string, string>>;

/** Returns facts about the program, the input and the options that change frames. The input is examined at once. */
export function sourceFacts(
  { options, info }: Pick<PreparedJob, "options" | "info">,
  own: ModelSettings = {},
): () => Promise<Facts> {
  const input = inputFingerprint(info);
  input.catch(() => {});
  return async () => ({
    ...settings({ ...options, ...options.frames, ...own }),
    "slomo's version": `${config.version} on Deno ${Deno.version.deno}`,
    "the input": await input,
  });
}

/** Returns facts about the code, the model and the backend that compute the frames. */
export async function modelFacts(
  info: Pick<MediaInfo, "video">,
  { plugins, use }: ResolvedManifest,
  model: Model,
): Promise<Facts> {
  const { weights, engine } = model;
  return {
    "the code of slomo or its plugins": await codeHash(codeOf(plugins, engine.backend)),
    "the manifest": JSON.stringify({ plugins, use }),
    "the model": weights ? await sha256(weights.bytes) : "none",
    "the backend": `${engine.backend} on ${engine.device}`,
    "the tiles": tilesText(model, info.video),
  };
}

/**
 * Returns a function that computes, at its first call, the facts that the frames of a job depend on, by readable names: two
 * runs with equal facts give equal frames. The number of workers is not one of them. The input is examined at once, because
 * it may change during the job.
 */
export function jobFacts(
  job: Pick<PreparedJob, "options" | "info">,
  { manifest, model, settings: own = {} }: {
    readonly manifest: ResolvedManifest;
    readonly model: Model;
    readonly settings?: ModelSettings;
  },
): () => Promise<Facts> {
  const source = sourceFacts(job, own);
  let facts: Promise<Facts> | undefined;
  const compute = async () => ({ ...await source(), ...await modelFacts(job.info, manifest, model) });
  return () => facts ??= compute();
}
