/** Runs the jobs of the queue: into a hidden folder first, from where the complete result moves to its place. */
import { UsageError } from "@slomo/core";
import { openSlomo, type SlomoOptions } from "@slomo/slomo";
import { basename, dirname, join } from "@std/path";
import type { QueueOptions } from "../queue/queue.ts";
import { outputOf, readSettings } from "../shared/settings.ts";
import { type Folders, freePath, safeName } from "./folders.ts";

/** Folders and options of all jobs. */
export interface ConvertContext {
  /** The folders of files and results. */
  readonly folders: Folders;
  /** Folder for unfinished work, on the disk of the results. */
  readonly work: string;
  /** Options that were given when the server was started. */
  readonly base: SlomoOptions;
}

/** Remarks about resuming, which a queue always does. */
const USUAL = /no finished work to resume|are kept in .+ to continue/;

/** Returns the functions that run a job and remove its unfinished work. */
export function conversions({ folders, work, base }: ConvertContext): Pick<QueueOptions, "run" | "discard"> {
  const folderOf = (id: string) => join(work, id);
  return {
    async run(job, { signal, hold, onEvent }) {
      const input = await folders.resolve(job.file).catch(() => undefined);
      if (input !== job.path) {
        throw new UsageError(
          `queue: cannot read ${job.path}: it is not there, or the page was started with other folders; start it with the ` +
            "earlier ones",
          { code: "input-not-found" },
        );
      }
      const { convert, model } = readSettings(job.settings);
      const folder = folderOf(job.id), name = safeName(job.name), staged = join(folder, outputOf(name));
      const place = join(folders.out, name), flows = convert.flowOut && join(folders.out, safeName(convert.flowOut));
      const isThere = await Deno.lstat(place).then(() => true, () => false);
      if (isThere && convert.overwrite && await Deno.realPath(place) === input) {
        throw new UsageError(`${name} is the source; give the result another name`, { code: "output-unwritable" });
      }
      await Deno.mkdir(dirname(staged), { recursive: true });
      const onNote = (message: string) => onEvent({ type: "note", message });
      await using slomo = await openSlomo({ ...base, ...model, onNote });
      await slomo.convert(input, staged, {
        ...convert,
        ...{ signal, hold, overwrite: true, resume: job.isStarted, flowOut: flows },
        onEvent: (event) => event.type !== "frame" && USUAL.test(event.message) ? undefined : onEvent(event),
      });
      const target = convert.overwrite ? place : await freePath(place);
      if (convert.overwrite && isThere) await Deno.remove(place, { recursive: true });
      await Deno.rename(join(folder, name), target);
      await Deno.remove(folder, { recursive: true });
      return basename(target);
    },
    async discard({ id }) {
      await Deno.remove(folderOf(id), { recursive: true }).catch(() => {});
    },
  };
}
