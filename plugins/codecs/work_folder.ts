import { type Resumption, UsageError } from "@slomo/core";
import { join } from "@std/path";
import { z } from "zod";
import { writeFileAtomic } from "@slomo/core/files";

/** Work that is found finished. */
export interface Finished<Done> {
  /** What was committed, as far as its files are sound. */
  readonly done: Done;
  /** Output frames that it holds. */
  readonly frames: number;
}

/** What is done in a folder, and how it is stored. */
export interface WorkKind<Done> {
  /** What {@linkcode WorkFolder.commit} is given. */
  readonly schema: z.ZodType<Done>;
  /** What of it can be used, by the files in `folder`. */
  find(folder: string, done: Done): Promise<Finished<Done>>;
}

/** What is being written, and where its work lies meanwhile. */
export interface WorkPlace {
  /** The target, for messages. */
  readonly location: string;
  /** A folder on the target's disk. */
  readonly folder: string;
  /** What tells the target from others beside it. */
  readonly name: string;
}

const STATE = "state.json";
const LOCK = "lock";

/** The folder that holds the unfinished work on a target: the same for every run, and a short name for any target's. */
async function basePath({ folder, name }: WorkPlace): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name)));
  return join(folder, `.slomo-${digest.subarray(0, 6).toHex()}.unfinished`);
}

async function lock(base: string, location: string): Promise<Deno.FsFile> {
  const file = await Deno.open(join(base, LOCK), { write: true, create: true });
  // Some network file systems have no locks; the work is then as safe as before.
  if (await file.tryLock(true).catch(() => true)) return file;
  file.close();
  throw new UsageError(`${location} is being written by another slomo; wait for it, or give another name`);
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

/** Longer facts are check sums and the like, of which people see the name only. */
const SHOWN = 32;

/** Names of facts that differ, those on one side only among them, with what they were and are where that is short. */
function changedFacts(then: Resumption["facts"], now: Resumption["facts"]): string[] {
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => then[name] !== now[name]);
  return names.sort().map((name) => {
    const [a, b] = [then[name], now[name]];
    return a && b && a.length <= SHOWN && b.length <= SHOWN ? `${name} (then ${a}, now ${b})` : name;
  });
}

/**
 * A folder beside a target in which work lies until it is finished, with a file that says what it is. Each run that starts
 * afresh has a folder of its own in it; what an earlier run left is removed once this one has finished something.
 */
export class WorkFolder<Done> {
  /** Where this run's files lie. */
  readonly folder: string;
  /** What is taken over from an interrupted run. */
  readonly taken: Finished<Done> | undefined;
  readonly #base: string;
  readonly #run: string;
  readonly #kind: WorkKind<Done>;
  readonly #lock: Deno.FsFile | undefined;
  readonly #resumption: Resumption | undefined;
  #done: Done | undefined;
  #isSole: boolean;

  private constructor(base: string, run: string, options: {
    readonly kind: WorkKind<Done>;
    readonly taken?: Finished<Done>;
    readonly lock?: Deno.FsFile;
    readonly resumption?: Resumption;
    readonly isSole: boolean;
  }) {
    [this.#base, this.#run, this.#kind] = [base, run, options.kind];
    [this.#lock, this.#resumption, this.#isSole] = [options.lock, options.resumption, options.isSole];
    [this.taken, this.#done] = [options.taken, options.taken?.done];
    this.folder = join(base, run);
  }

  /**
   * Opens the folder for a target, with the finished work of an interrupted run where that is asked for and goes with this
   * one. Without a resumption it is removed however the work ends.
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
      await Deno.mkdir(join(base, run), { recursive: true });
      return new WorkFolder<Done>(base, run, { kind, isSole: true });
    }
    const base = await basePath(place), { facts, resume, onEvent } = resumption;
    await Deno.mkdir(base, { recursive: true });
    const held = await lock(base, location);
    const state = await readState(base, kind.schema);
    const found = state && await kind.find(join(base, state.run), state.done);
    const changed = state ? changedFacts(state.facts, facts) : [];
    if (state && found && found.frames > 0 && resume && changed.length === 0) {
      onEvent({
        type: "note",
        message: `going on after the ${found.frames} frames that an interrupted run has finished`,
      });
      return new WorkFolder(base, state.run, { kind, taken: found, lock: held, resumption, isSole: false });
    }
    const dropped = `the ${found?.frames ?? 0} frames that an interrupted run has finished`;
    if (!found || found.frames === 0) {
      if (resume) {
        onEvent({ type: "note", message: `${location}: no interrupted run has finished a part of it; all is made` });
      }
    } else if (resume) {
      onEvent({ type: "warning", message: `${dropped} are made anew: not as they were are ${changed.join(", ")}` });
    } else {
      const message =
        `${dropped} will be deleted once this run finishes a segment; to keep them, stop now and set \`resume\``;
      onEvent({ type: "warning", message });
    }
    await Deno.mkdir(join(base, run));
    return new WorkFolder<Done>(base, run, { kind, lock: held, resumption, isSole: !found?.frames });
  }

  /** Makes what is done the state from which a resumed run goes on; all its files must be on the disk. */
  async commit(done: Done): Promise<void> {
    this.#done = done;
    if (!this.#resumption) return;
    const state = { format: 1, run: this.#run, facts: this.#resumption.facts, done };
    await writeFileAtomic(join(this.#base, STATE), JSON.stringify(state));
    if (this.#isSole) return;
    this.#isSole = true;
    for await (const { name } of Deno.readDir(this.#base)) {
      if (name !== this.#run && name !== STATE && name !== LOCK) {
        await Deno.remove(join(this.#base, name), { recursive: true });
      }
    }
  }

  /** Ends the work unfinished: what was committed is kept for a resumed run, and said; nothing else is. */
  async leave(): Promise<void> {
    this.#lock?.close();
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

  /** Removes the folder: the work is finished. */
  async remove(): Promise<void> {
    this.#lock?.close();
    await Deno.remove(this.#base, { recursive: true }).catch(() => {});
  }
}
