import { type Resumption, UsageError } from "@slomo/core";
import { join } from "@std/path";
import { z } from "zod";
import { changedFacts, createFolder, FileLock, sha256, writeFileAtomic } from "@slomo/core/files";

/** Finished work of a run. */
export interface Finished<Done> {
  /** The committed state, as far as its files are intact. */
  readonly done: Done;
  /** Number of finished output frames. */
  readonly frames: number;
}

/** A kind of work, and the schema of its state. */
export interface WorkKind<Done> {
  /** Schema of the state that {@linkcode WorkFolder.commit} stores. */
  readonly schema: z.ZodType<Done>;
  /** Returns the part of the state whose files in `folder` are intact. */
  find(folder: string, done: Done): Promise<Finished<Done>>;
}

/** A target and the location of its work folder. */
export interface WorkPlace {
  /** The target, for messages. */
  readonly location: string;
  /** A folder on the same disk as the target. */
  readonly folder: string;
  /** Name of the target, unique in its folder. */
  readonly name: string;
}

const STATE = "state.json";
const LOCK = "lock";

/** Returns the path of the work folder of a target: the same for each run, with a short name. */
async function basePath({ folder, name }: WorkPlace): Promise<string> {
  return join(folder, `.slomo-${(await sha256(name)).slice(0, 12)}.unfinished`);
}

async function lock(base: string, location: string): Promise<FileLock> {
  const taken = await FileLock.take(join(base, LOCK));
  if (taken) return taken;
  throw new UsageError(
    `${location}: cannot write the file: another slomo process is writing it; wait for it, or give another name`,
    { code: "output-busy" },
  );
}

async function readState<Done>(base: string, schema: z.ZodType<Done>) {
  const text = await Deno.readTextFile(join(base, STATE)).catch(() => undefined);
  if (text === undefined) return undefined;
  const shape = z.object({
    format: z.literal(1),
    run: z.uuid(),
    facts: z.record(z.string(), z.string()),
    done: schema,
  });
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

type Facts = Readonly<Record<string, string>>;

/** Returns a resumption whose facts include those of a writer. */
export function withFacts(
  resumption: Resumption | undefined,
  own: () => Facts,
): Resumption | undefined {
  return resumption && { ...resumption, facts: async () => ({ ...await resumption.facts(), ...own() }) };
}

/**
 * A folder beside a target for unfinished work, with a file that describes it. Each new run has its own folder inside it.
 * The work of an earlier run is removed when the new run commits for the first time.
 */
export class WorkFolder<Done> {
  /** Folder of the files of this run. */
  readonly folder: string;
  /** Work of an interrupted run that this run continues. */
  readonly taken: Finished<Done> | undefined;
  readonly #base: string;
  readonly #run: string;
  readonly #kind: WorkKind<Done>;
  readonly #lock: FileLock | undefined;
  readonly #resumption: Resumption | undefined;
  #done: Done | undefined;
  #isSole: boolean;

  private constructor(base: string, run: string, options: {
    readonly kind: WorkKind<Done>;
    readonly taken?: Finished<Done>;
    readonly lock?: FileLock;
    readonly resumption?: Resumption;
    readonly isSole: boolean;
  }) {
    [this.#base, this.#run, this.#kind] = [base, run, options.kind];
    [this.#lock, this.#resumption, this.#isSole] = [options.lock, options.resumption, options.isSole];
    [this.taken, this.#done] = [options.taken, options.taken?.done];
    this.folder = join(base, run);
  }

  /**
   * Opens the work folder of a target. With `resume`, it contains the finished work of an interrupted run whose facts are
   * the same. Without a resumption, the folder is removed whether the work succeeds or fails.
   *
   * @throws {UsageError} If another process is writing the same target.
   */
  static async open<Done>(
    place: WorkPlace,
    resumption: Resumption | undefined,
    kind: WorkKind<Done>,
  ): Promise<WorkFolder<Done>> {
    const run = crypto.randomUUID(), { location } = place;
    if (!resumption) {
      const base = join(place.folder, `.slomo-${run.slice(0, 8)}.partial`);
      await createFolder(join(base, run));
      return new WorkFolder<Done>(base, run, { kind, isSole: true });
    }
    const base = await basePath(place), { resume, onEvent } = resumption;
    await createFolder(base);
    const ownLock = await lock(base, location);
    const state = await readState(base, kind.schema);
    const found = state && await kind.find(join(base, state.run), state.done);
    const changed = state && resume ? changedFacts(state.facts, await resumption.facts()) : [];
    if (state && found && found.frames > 0 && resume && changed.length === 0) {
      onEvent({
        type: "note",
        message: `continuing after the ${found.frames} frames that an interrupted run has finished`,
      });
      return new WorkFolder(base, state.run, { kind, taken: found, lock: ownLock, resumption, isSole: false });
    }
    const dropped = `the ${found?.frames ?? 0} frames that an interrupted run has finished`;
    if (!found || found.frames === 0) {
      if (resume) {
        onEvent({
          type: "note",
          message: `${location}: there is no finished work to resume; starting from the first frame`,
        });
      }
    } else if (resume) {
      onEvent({
        type: "warning",
        message: `${dropped} are discarded, because these settings changed: ${changed.join(", ")}`,
      });
    } else {
      const message =
        `${dropped} will be deleted once this run finishes a segment; to keep them, stop now and set \`resume\``;
      onEvent({ type: "warning", message });
    }
    await Deno.mkdir(join(base, run));
    return new WorkFolder<Done>(base, run, { kind, lock: ownLock, resumption, isSole: !found?.frames });
  }

  /** Stores the state from which a resumed run continues. All its files must be on the disk. */
  async commit(done: Done): Promise<void> {
    this.#done = done;
    if (!this.#resumption) return;
    const state = { format: 1, run: this.#run, facts: await this.#resumption.facts(), done };
    await writeFileAtomic(join(this.#base, STATE), JSON.stringify(state));
    if (this.#isSole) return;
    this.#isSole = true;
    for await (const { name } of Deno.readDir(this.#base)) {
      if (name !== this.#run && name !== STATE && name !== LOCK) {
        await Deno.remove(join(this.#base, name), { recursive: true });
      }
    }
  }

  /** Ends unfinished work: keeps committed work for a resumed run, with a note, and removes everything else. */
  async leave(): Promise<void> {
    await this.#lock?.[Symbol.asyncDispose]();
    const kept = this.#resumption && this.#done !== undefined
      ? (await this.#kind.find(this.folder, this.#done)).frames
      : 0;
    if (kept > 0) {
      const message =
        `the ${kept} frames finished so far are kept in ${this.#base}; set \`resume\` to continue after them`;
      this.#resumption!.onEvent({ type: "note", message });
      return;
    }
    await Deno.remove(this.#isSole ? this.#base : this.folder, { recursive: true }).catch(() => {});
  }

  /** Removes the folder of finished work. */
  async remove(): Promise<void> {
    await this.#lock?.[Symbol.asyncDispose]();
    await Deno.remove(this.#base, { recursive: true }).catch(() => {});
  }
}
