import { type ObjectStorage, parseObjectLocation } from "@slomo/storage";
import { basename, join } from "@std/path";
import { MAKER, PLAN, readPlan, type StoredPlan, taskName } from "./segment_plan.ts";
import { readShardSet, shardName, SHARDS, type ShardSet } from "./shard_set.ts";

/** Name of the object with the mark of the output that was written last. */
const WRITTEN = "written.json";

/** Small objects that are read, written or removed at once. */
const PARALLEL = 16;

/** Files that are read at once. */
const PARALLEL_FILES = 4;

/** Works on all items, several at once. */
async function forAll<T>(items: readonly T[], parallel: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const next = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, next));
}

/** Returns the names of the files of a folder, which may not exist. */
async function filesIn(folder: string): Promise<string[]> {
  return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
}

const stemOf = (record: string) => record.replace(/\.\w+$/, "");

/**
 * The folder of a video in segments in an object storage, and the part of it that a step needs in a temporary folder.
 * An object appears when it is complete, and the record of a segment after its other files.
 */
export class FolderMirror implements AsyncDisposable {
  /** The local folder. */
  readonly folder: string;
  /** Path of the output, before it is copied into the storage. */
  readonly output: string;
  readonly #storage: ObjectStorage;
  readonly #remote: { readonly folder: string; readonly output: string };
  readonly #scratch: string;

  private constructor(
    storage: ObjectStorage,
    remote: { readonly folder: string; readonly output: string },
    scratch: string,
  ) {
    [this.#storage, this.#remote, this.#scratch] = [storage, remote, scratch];
    this.output = join(scratch, basename(parseObjectLocation(remote.output).key));
    this.folder = `${this.output}.segments`;
  }

  /** Opens a mirror, whose temporary files are removed when it is disposed. */
  static async open(
    storage: ObjectStorage,
    remote: { readonly folder: string; readonly output: string },
  ): Promise<FolderMirror> {
    return new FolderMirror(storage, remote, await Deno.makeTempDir({ prefix: "slomo-segments-" }));
  }

  /** Copies the plan into the local folder, and returns it; `undefined` if there is none. */
  async pullPlan(signal?: AbortSignal): Promise<StoredPlan | undefined> {
    const text = await this.#pull(PLAN, signal);
    return text === undefined ? undefined : await readPlan(this.folder);
  }

  /**
   * Copies a new plan with its tasks into the storage, the plan last.
   *
   * @param before The plan that was there before.
   * @returns `false` if another process has stored a plan in the meantime.
   */
  async pushPlan(before: StoredPlan | undefined, signal?: AbortSignal): Promise<boolean> {
    const { tasks } = (await readPlan(this.folder))!;
    if (tasks === before?.tasks) return true;
    if (before) await this.#storage.remove(this.#object(PLAN), signal);
    // Without a plan, there may be segments of a plan that was being replaced, and tasks of one that is being stored.
    await this.#remove((name) => before !== undefined || !name.startsWith("tasks-"), signal);
    const files = await filesIn(join(this.folder, tasks));
    await forAll(files, PARALLEL, async (name) => {
      await this.#storage.write(this.#object(`${tasks}/${name}`), await this.#read(`${tasks}/${name}`), { signal });
    });
    await Deno.remove(join(this.folder, tasks), { recursive: true });
    return await this.#storage.writeNew(this.#object(PLAN), await this.#read(PLAN), { signal });
  }

  /**
   * Copies the set of shards into the local folder, and returns it; `undefined` if there is none.
   *
   * @param what The contents of the scanned shards, or only their names: their local files are empty then.
   */
  async pullShards(what: "names" | "contents", signal?: AbortSignal): Promise<ShardSet | undefined> {
    if (await this.#pull(SHARDS, signal) === undefined) return undefined;
    const set = (await readShardSet(this.folder))!, folder = join(this.folder, set.results);
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder);
    const objects = await this.#storage.list(`${this.#remote.folder}/${set.results}`, "", signal);
    await forAll(objects, PARALLEL, async ({ name }) => {
      if (what === "contents") await this.#pull(`${set.results}/${name}`, signal);
      else await Deno.writeTextFile(join(folder, name), "");
    });
    return set;
  }

  /**
   * Copies a new set of shards into the storage.
   *
   * @param before The plan and the set that were there before.
   * @returns `false` if another process has stored a set in the meantime.
   */
  async pushShards(
    before: { readonly plan: StoredPlan | undefined; readonly shards: ShardSet | undefined },
    signal?: AbortSignal,
  ): Promise<boolean> {
    const set = await readShardSet(this.folder);
    if (!set || set.results === before.shards?.results) return true;
    if (before.plan) await this.#storage.remove(this.#object(PLAN), signal);
    if (before.plan || before.shards) await this.#remove(() => true, signal);
    return await this.#storage.writeNew(this.#object(SHARDS), await this.#read(SHARDS), { signal });
  }

  /** Copies a scanned shard into the storage. */
  async pushShard(set: ShardSet, index: number, signal?: AbortSignal): Promise<void> {
    const name = shardName(set, index);
    await this.#storage.write(this.#object(name), await this.#read(name), { signal });
  }

  /** Returns whether a segment is complete. */
  async has(record: string, signal?: AbortSignal): Promise<boolean> {
    const names = (await this.#storage.list(this.#remote.folder, stemOf(record), signal)).map(({ name }) => name);
    return names.length > 1 && names.includes(record);
  }

  /** Returns the records of all complete segments. */
  async records(signal?: AbortSignal): Promise<Set<string>> {
    const names = (await this.#storage.list(this.#remote.folder, "", signal)).map(({ name }) => name);
    const files = new Set(names.map((name) => name.replace(/-.*$/, "")));
    return new Set(names.filter((name) => files.has(stemOf(name))));
  }

  /** Copies the files that making a segment needs. Returns the facts of the machine that made the first one, if there are any. */
  async pullForSegment(plan: StoredPlan, index: number, signal?: AbortSignal): Promise<string | undefined> {
    await this.#pull(taskName(plan, index), signal);
    const maker = await this.#storage.readText(this.#object(MAKER), signal);
    // Those of this machine may be here already, because it makes the first segment at the moment.
    if (maker !== undefined) await this.#store(MAKER, maker);
    return maker;
  }

  /**
   * Copies the facts of this machine into the storage.
   *
   * @returns `false` if another machine has stored its facts in the meantime; they are in the local folder then.
   */
  async pushMaker(signal?: AbortSignal): Promise<boolean> {
    const text = await this.#read(MAKER);
    if (await this.#storage.writeNew(this.#object(MAKER), text, { signal })) return true;
    return await this.#pull(MAKER, signal) === text;
  }

  /** Copies a segment into the storage, its record last. */
  async pushSegment(record: string, signal?: AbortSignal): Promise<void> {
    const names = await this.#filesOf(record), others = names.filter((name) => name !== record);
    for (const name of [...others, record]) {
      await this.#storage.upload(this.#object(name), join(this.folder, name), { signal });
    }
  }

  /** Removes the files of a segment here. */
  async discard(record: string): Promise<void> {
    for (const name of await this.#filesOf(record)) await Deno.remove(join(this.folder, name));
  }

  /** Removes the task of a segment here. */
  async discardTask(plan: StoredPlan, index: number): Promise<void> {
    await Deno.remove(join(this.folder, taskName(plan, index))).catch(() => {});
  }

  /** Copies all segments into the local folder. */
  async pullSegments(signal?: AbortSignal): Promise<void> {
    const objects = await this.#storage.list(this.#remote.folder, "", signal);
    const names = objects.map(({ name }) => name).filter((name) => /^\d/.test(name));
    await forAll(
      names,
      PARALLEL_FILES,
      (name) => this.#storage.download(this.#object(name), join(this.folder, name), signal),
    );
  }

  /** Returns whether the output is the one that {@linkcode pushOutput} has written for this folder. */
  async isPushed(signal?: AbortSignal): Promise<boolean> {
    const mark = await this.#storage.readText(this.#object(WRITTEN), signal);
    return mark !== undefined && (await this.#storage.facts(this.#remote.output, signal))?.mark === mark;
  }

  /** Copies the output into the storage, and removes it here. */
  async pushOutput(signal?: AbortSignal): Promise<void> {
    const mark = crypto.randomUUID();
    await this.#storage.write(this.#object(WRITTEN), mark, { signal });
    await this.#storage.upload(this.#remote.output, this.output, { mark, signal });
    await Deno.remove(this.output);
  }

  /** Removes the folder in the storage. The plan and the mark stay until the end, so that it can be repeated. */
  async removeObjects(signal?: AbortSignal): Promise<void> {
    await this.#remove((name) => name !== PLAN && name !== WRITTEN, signal);
    for (const name of [PLAN, WRITTEN]) await this.#storage.remove(this.#object(name), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#scratch, { recursive: true }).catch(() => {});
  }

  #read(name: string): Promise<string> {
    return Deno.readTextFile(join(this.folder, name));
  }

  #object(name: string): string {
    return `${this.#remote.folder}/${name}`;
  }

  /** Copies a small object into the local folder, or removes the file there if there is no object. */
  async #pull(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const text = await this.#storage.readText(this.#object(name), signal);
    if (text === undefined) await Deno.remove(join(this.folder, name)).catch(() => {});
    else await this.#store(name, text);
    return text;
  }

  /** Writes a file of the local folder, which another step of this process may be reading. */
  async #store(name: string, text: string): Promise<void> {
    const path = join(this.folder, name), own = join(this.#scratch, crypto.randomUUID());
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeTextFile(own, text);
    await Deno.rename(own, path);
  }

  async #remove(isWanted: (name: string) => boolean, signal: AbortSignal | undefined): Promise<void> {
    const names = (await this.#storage.list(this.#remote.folder, "", signal)).map(({ name }) => name);
    await forAll(names.filter(isWanted), PARALLEL, (name) => this.#storage.remove(this.#object(name), signal));
  }

  async #filesOf(record: string): Promise<string[]> {
    return (await filesIn(this.folder)).filter((name) => name.startsWith(stemOf(record)));
  }
}
