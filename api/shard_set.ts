/** The shards in which a source is scanned before its segments are planned: their files in the folder of the segments. */
import { JobError, UsageError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { decodeShard, encodeShard, type ScannedShard } from "@slomo/core/segments";
import { join } from "@std/path";
import { z } from "zod";
import { readText } from "./segment_plan.ts";

/** Name of the file of a set of shards. */
export const SHARDS = "shards.json";

const schema = z.object({
  format: z.literal(1),
  facts: z.record(z.string(), z.string()),
  command: z.unknown().default(undefined),
  shards: z.int().min(1),
  results: z.string().regex(/^shards-[\da-f]+$/),
});

/** The shards of a source, as the folder of its segments holds them. */
export interface ShardSet {
  /** Everything that the plan will depend on, by readable names. */
  readonly facts: Readonly<Record<string, string>>;
  /** How the program that planned was called, for the programs that scan. */
  readonly command: unknown;
  /** Number of shards. */
  readonly shards: number;
  /** Folder of the results, in the folder of the segments. */
  readonly results: string;
}

/**
 * Reads the shards of a folder; `undefined` if it has none.
 *
 * @param folder A folder, or its location in an object storage: `s3://…`.
 * @throws {UsageError} If the file is damaged, or of another version of slomo.
 */
export async function readShardSet(folder: string): Promise<ShardSet | undefined> {
  const text = await readText(folder, SHARDS);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(
      `${folder}: cannot use its shards: they are damaged, or of another version of slomo; plan again`,
    );
  }
}

/** Stores a set of shards without results, and removes the results of an earlier one. */
export async function storeShardSet(folder: string, set: Omit<ShardSet, "results">): Promise<ShardSet> {
  const former = await readShardSet(folder).catch(() => undefined);
  const stored = { ...set, results: `shards-${crypto.randomUUID().slice(0, 8)}` };
  await Deno.mkdir(join(folder, stored.results), { recursive: true });
  await writeFileAtomic(join(folder, SHARDS), JSON.stringify({ format: 1, ...stored }, undefined, 2));
  if (former) await Deno.remove(join(folder, former.results), { recursive: true }).catch(() => {});
  return stored;
}

/** Removes the shards of a folder, which are not needed after planning. */
export async function removeShardSet(folder: string, { results }: Pick<ShardSet, "results">): Promise<void> {
  await Deno.remove(join(folder, SHARDS)).catch(() => {});
  await Deno.remove(join(folder, results), { recursive: true }).catch(() => {});
}

/** Returns the name of the file of a scanned shard, relative to the folder. */
export const shardName = ({ results }: Pick<ShardSet, "results">, index: number): string =>
  `${results}/${String(index).padStart(6, "0")}.json`;

const pathOf = (folder: string, set: Pick<ShardSet, "results">, index: number) => join(folder, shardName(set, index));

/** Returns whether a shard is scanned. */
export async function hasShard(folder: string, set: ShardSet, index: number): Promise<boolean> {
  return await Deno.stat(pathOf(folder, set, index)).then(() => true, () => false);
}

/** Returns the numbers of the shards that are not scanned yet. */
export async function missingShards(folder: string, set: ShardSet): Promise<number[]> {
  const missing: number[] = [];
  for (let index = 0; index < set.shards; index++) if (!await hasShard(folder, set, index)) missing.push(index);
  return missing;
}

/** Stores a scanned shard. Of several processes that scan the same one, the last one counts. */
export async function storeShard(folder: string, set: ShardSet, index: number, shard: ScannedShard): Promise<void> {
  const path = pathOf(folder, set, index), own = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  await writeFileAtomic(own, encodeShard(shard));
  await Deno.rename(own, path);
}

/**
 * Reads all scanned shards, in order.
 *
 * @throws {JobError} If one cannot be read.
 */
export async function readShards(folder: string, set: ShardSet): Promise<ScannedShard[]> {
  const shards: ScannedShard[] = [];
  for (let index = 0; index < set.shards; index++) {
    try {
      shards.push(decodeShard(await Deno.readTextFile(pathOf(folder, set, index))));
    } catch (error) {
      if (error instanceof JobError) throw error;
      throw new JobError(`${folder}: cannot read shard ${index}; scan it again`, { cause: error });
    }
  }
  return shards;
}
