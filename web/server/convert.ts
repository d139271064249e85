/** Runs the jobs of the queue: into a hidden folder first, from where the complete result moves to its place. */
import { UsageError } from "@slomo/core";
import { openSlomo, type SlomoOptions } from "@slomo/slomo";
import { basename, dirname, join } from "@std/path";
import type { QueueOptions } from "../queue/queue.ts";
import type { StoredJob } from "../queue/store.ts";
import { outputOf, type ReadSettings, readSettings } from "../shared/settings.ts";
import { type Folders, freePath, safeName } from "./folders.ts";

/** Folders of all jobs. */
export interface JobFolders {
  /** The folders of files and results. */
  readonly folders: Folders;
  /** Folder for unfinished work, on the disk of the results. */
  readonly work: string;
}

/** The files of a job, and its options. */
export interface PreparedJob extends ReadSettings {
  /** Path of the source. */
  readonly input: string;
  /** Folder of its unfinished work. */
  readonly folder: string;
  /** Path of the result in that folder. */
  readonly staged: string;
  /** Moves the complete result to its place, removes the folder, and returns the name of the result. */
  deliver(): Promise<string>;
}

/** Returns the folder of the unfinished work of a job. */
export const workFolder = ({ work }: JobFolders, { id }: Pick<StoredJob, "id">): string => join(work, id);

/**
 * Prepares the files of a job.
 *
 * @throws {UsageError} If the source does not exist, or the result would replace it.
 */
export async function prepareJob(job: StoredJob, context: JobFolders): Promise<PreparedJob> {
  const { folders } = context, input = await folders.resolve(job.file).catch(() => undefined);
  if (input !== job.path) {
    throw new UsageError(
      `queue: cannot read ${job.path}: it is not there, or the page was started with other folders; start it with the ` +
        "earlier ones",
      { code: "input-not-found" },
    );
  }
  const { convert, model } = readSettings(job.settings);
  const folder = workFolder(context, job), name = safeName(job.name), staged = join(folder, outputOf(name));
  const place = join(folders.out, name), flowOut = convert.flowOut && join(folders.out, safeName(convert.flowOut));
  const isThere = await Deno.lstat(place).then(() => true, () => false);
  if (isThere && convert.overwrite && await Deno.realPath(place) === input) {
    throw new UsageError(`${name} is the source; give the result another name`, { code: "output-unwritable" });
  }
  await Deno.mkdir(dirname(staged), { recursive: true });
  return {
    ...{ input, folder, staged, model },
    convert: { ...convert, flowOut, overwrite: true },
    async deliver() {
      const target = convert.overwrite ? place : await freePath(place);
      if (convert.overwrite && isThere) await Deno.remove(place, { recursive: true });
      await Deno.rename(join(folder, name), target);
      await Deno.remove(folder, { recursive: true });
      return basename(target);
    },
  };
}

/** Folders and options of all jobs on this machine. */
export interface ConvertContext extends JobFolders {
  /** Options that were given when the server was started. */
  readonly base: SlomoOptions;
}

/** Remarks about resuming, which a queue always does. */
const USUAL = /no finished work to resume|are kept in .+ to continue/;

/** Returns the functions that run a job and remove its unfinished work. */
export function conversions(context: ConvertContext): Pick<QueueOptions, "run" | "discard"> {
  return {
    async run(job, { signal, hold, onEvent }) {
      const { input, staged, convert, model, deliver } = await prepareJob(job, context);
      const onNote = (message: string) => onEvent({ type: "note", message });
      await using slomo = await openSlomo({ ...context.base, ...model, onNote });
      await slomo.convert(input, staged, {
        ...convert,
        ...{ signal, hold, resume: job.isStarted },
        onEvent: (event) => event.type !== "frame" && USUAL.test(event.message) ? undefined : onEvent(event),
      });
      return await deliver();
    },
    async discard(job) {
      await Deno.remove(workFolder(context, job), { recursive: true }).catch(() => {});
    },
  };
}
