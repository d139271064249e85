import { sha256 } from "./sha256.ts";

/** Version of the files. */
const FORMAT = 1;

/** Returns whether this process may read and write a path, without asking the user. */
export function mayReadAndWrite(path: string): boolean {
  return (["read", "write"] as const).every((name) => Deno.permissions.querySync({ name, path }).state === "granted");
}

/** A file, and when it was written. */
interface Written {
  readonly path: string;
  readonly time: number;
}

/**
 * Values that are kept from run to run in a folder, one JSON file per key. Several processes may use it at once: files appear
 * by a rename, and a damaged one is as good as none.
 */
export class RecordFolder {
  readonly #folder: string;
  readonly #most: number;

  /**
   * Describes a folder, which may not exist yet.
   *
   * @param folder Path of the folder.
   * @param most Number of files that are kept; the oldest ones beyond it are removed.
   */
  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  /** Returns the value of a key; `undefined` if there is none, or its file is damaged. */
  async read(key: string): Promise<unknown> {
    const record = await readRecord(await this.#pathOf(key));
    return record?.key === key ? record.value : undefined;
  }

  /** Stores a value, which JSON can represent. A disk that is full or not writable is no error: nothing is stored. */
  async write(key: string, value: unknown): Promise<void> {
    const path = await this.#pathOf(key), partial = `${path}.${crypto.randomUUID()}.partial`;
    try {
      await Deno.mkdir(this.#folder, { recursive: true });
      await Deno.writeTextFile(partial, JSON.stringify({ format: FORMAT, key, value }));
      await Deno.rename(partial, path);
      if ((await this.#names()).length <= this.#most) return;
      for (const { path } of (await this.#files()).slice(this.#most)) await Deno.remove(path).catch(() => {});
    } catch {
      await Deno.remove(partial).catch(() => {});
    }
  }

  /** Returns all values, the latest first. */
  async list(): Promise<unknown[]> {
    const records = await Promise.all((await this.#files().catch(() => [])).map(({ path }) => readRecord(path)));
    return records.flatMap((record) => record ? [record.value] : []);
  }

  /** Removes all values. */
  async clear(): Promise<void> {
    for (const { path } of await this.#files().catch(() => [])) await Deno.remove(path).catch(() => {});
  }

  async #pathOf(key: string): Promise<string> {
    return `${this.#folder}/${(await sha256(key)).slice(0, 32)}.json`;
  }

  #names(): Promise<string[]> {
    return Array.fromAsync(Deno.readDir(this.#folder), ({ name }) => name);
  }

  /** Returns the files of the folder, the latest first. */
  async #files(): Promise<Written[]> {
    const files = await Promise.all((await this.#names()).map(async (name): Promise<Written> => {
      const path = `${this.#folder}/${name}`;
      return { path, time: await Deno.stat(path).then(({ mtime }) => mtime?.getTime() ?? 0, () => 0) };
    }));
    return files.toSorted((a, b) => b.time - a.time);
  }
}

async function readRecord(path: string): Promise<{ readonly key: string; readonly value: unknown } | undefined> {
  try {
    const { format, key, value } = JSON.parse(await Deno.readTextFile(path));
    return format === FORMAT ? { key, value } : undefined;
  } catch {
    return undefined;
  }
}
