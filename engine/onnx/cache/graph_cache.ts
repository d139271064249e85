import { mayReadAndWrite, syncFile } from "@slomo/core/files";
import { cacheFolder, readEnvironment } from "@slomo/downloads";
import { areUnchanged, type SourceFact } from "@slomo/core/sources";
import { join } from "@std/path";
import type { GraphSignature } from "../graph/model.ts";

/** A graph in a file of an entry. */
export interface CachedGraph extends GraphSignature {
  /** Name of the file. */
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Whether onnxruntime has optimized it. */
  readonly isOptimized: boolean;
}

/** Content of an entry: the graphs of a frame pair, and the code that traced them. */
export interface EntryFacts {
  /** Names of the parts in error messages. */
  readonly labels: { readonly flow: string; readonly interpolation: string };
  /** The graphs by their names. */
  readonly graphs: Readonly<Record<string, CachedGraph>>;
  /** The local code that traced them. An entry is outdated once it changes. */
  readonly sources: readonly SourceFact[];
}

/** An entry on disk. */
export interface CacheEntry extends EntryFacts {
  /** Path of its folder. */
  readonly folder: string;
}

/** An entry that is being written. Nobody else reads it before {@linkcode finish}. */
export interface PartialEntry {
  /** Path of its folder. */
  readonly folder: string;
  /** Completes the entry. Removes it instead if it cannot be completed, or if another process was faster. */
  finish(facts: EntryFacts): Promise<void>;
  /** Removes it. */
  abandon(): Promise<void>;
}

/** Name of the file that describes an entry. Its time of modification is that of the last use. */
const FACTS_FILE = "entry.json";

const PARTIAL = ".partial";

/** Size of the cache: about 12 sizes of frames of the shipped model. */
const LIMIT = 2 ** 29;

/** Age at which a partial entry belongs to no running process, in milliseconds. */
const ABANDONED_AFTER = 24 * 3600 * 1000;

const filesOf = ({ graphs }: EntryFacts): readonly CachedGraph[] => Object.values(graphs);

const remove = (path: string) => Deno.remove(path, { recursive: true }).catch(() => {});

/** Returns the size of an entry, and when it was last used. */
async function usageOf(
  folder: string,
): Promise<{ readonly folder: string; readonly bytes: number; readonly used: number }> {
  let bytes = 0, used = 0;
  for await (const { name } of Deno.readDir(folder)) {
    const { size, mtime } = await Deno.stat(join(folder, name));
    bytes += size;
    if (name === FACTS_FILE) used = mtime?.getTime() ?? 0;
  }
  return { folder, bytes, used };
}

/**
 * Traced graphs in a folder, one folder per key. Several processes may use it at once: entries appear by a rename, and
 * entries that vanish or are damaged are misses.
 */
export class GraphCache {
  readonly #folder: string;
  readonly #limit: number;

  /**
   * @param folder Path of the folder, which may not exist yet.
   * @param limit Size in bytes; the least recently used entries beyond it are removed. @default {512 MiB}
   */
  constructor(folder: string, limit = LIMIT) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** Returns an entry and marks it as used, or `undefined` if there is none. Discards it if it is damaged or outdated. */
  async find(key: string): Promise<CacheEntry | undefined> {
    const folder = join(this.#folder, key), path = join(folder, FACTS_FILE);
    try {
      const facts: EntryFacts = JSON.parse(await Deno.readTextFile(path));
      const sizes = await Promise.all(
        filesOf(facts).map(async ({ file }) => (await Deno.stat(join(folder, file))).size),
      );
      if (filesOf(facts).every(({ bytes }, i) => bytes === sizes[i]) && await areUnchanged(facts.sources)) {
        // Another user may own the entry.
        await Deno.utime(path, new Date(), new Date()).catch(() => {});
        return { ...facts, folder };
      }
    } catch {
      // Absent or damaged.
    }
    await this.discard(key);
    return undefined;
  }

  /** Removes an entry, if it exists. */
  async discard(key: string): Promise<void> {
    await remove(join(this.#folder, key));
  }

  /** Begins a new entry; returns `undefined` if the folder cannot be written. */
  async begin(key: string): Promise<PartialEntry | undefined> {
    const folder = join(this.#folder, `${key}-${crypto.randomUUID()}${PARTIAL}`);
    const abandon = () => remove(folder);
    try {
      await Deno.mkdir(folder, { recursive: true });
    } catch {
      return undefined;
    }
    return {
      folder,
      abandon,
      finish: async (facts) => {
        try {
          await Deno.writeTextFile(join(folder, FACTS_FILE), JSON.stringify(facts));
          for (const name of [FACTS_FILE, ...filesOf(facts).map(({ file }) => file)]) {
            await syncFile(join(folder, name));
          }
          await Deno.rename(folder, join(this.#folder, key));
          await this.#prune();
        } catch {
          await abandon();
        }
      },
    };
  }

  /** Removes abandoned entries, and the least recently used ones beyond the limit. The last used one stays. */
  async #prune(): Promise<void> {
    const entries: Awaited<ReturnType<typeof usageOf>>[] = [];
    for await (const { name } of Deno.readDir(this.#folder)) {
      const folder = join(this.#folder, name), { mtime } = await Deno.stat(folder);
      if (!name.endsWith(PARTIAL)) entries.push(await usageOf(folder));
      else if (Date.now() - (mtime?.getTime() ?? 0) > ABANDONED_AFTER) await remove(folder);
    }
    let total = 0;
    for (const [i, { folder, bytes }] of entries.sort((a, b) => b.used - a.used).entries()) {
      total += bytes;
      if (i > 0 && total > this.#limit) await remove(folder);
    }
  }
}

/** Opens the cache in slomo's cache folder; returns `undefined` if this process may not read and write it. */
export function openGraphCache(): GraphCache | undefined {
  const path = join(cacheFolder(readEnvironment), "graphs");
  return mayReadAndWrite(path) ? new GraphCache(path) : undefined;
}
