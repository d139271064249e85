/** Runs the jobs of the page on workers of a queue server, and follows them there. */
import { JobError } from "@slomo/core";
import { unlessAborted } from "@slomo/core/video";
import type { ConvertOptions, SlomoOptions } from "@slomo/slomo";
import { join } from "@std/path";
import type { QueueOptions } from "../queue/queue.ts";
import type { StoredJob } from "../queue/store.ts";
import { count } from "../page/text.ts";
import { type JobFolders, type PreparedJob, prepareJob, workFolder } from "./convert.ts";

/** State of a video in a queue of workers. */
export interface RemoteVideo {
  /** The step that it is in, or how it ended. */
  readonly phase: "waiting" | "planning" | "making" | "joining" | "done" | "failed" | "cancelled";
  /** Frames of the output, once it is planned. */
  readonly frames: number | undefined;
  /** Frames that are done. */
  readonly done: number;
  /** Number of workers that make it. */
  readonly workers: number;
  /** Why it failed. */
  readonly error: string | undefined;
}

/** A queue of workers, on any number of machines that share the folders of the page. */
export interface RemoteQueue {
  /** Name of the server, for people. */
  readonly name: string;
  /** Submits a video, and returns its ID. */
  submit(input: string, output: string, options: ConvertOptions & SlomoOptions): Promise<string>;
  /** Submits a video again, whose finished segments are kept, and returns its new ID. */
  retry(id: string): Promise<string>;
  /** Stops a video. */
  cancel(id: string): Promise<void>;
  /** Returns the state of a video; `undefined` if the server does not know it. */
  state(id: string): Promise<RemoteVideo | undefined>;
}

/** Folders of all jobs, and the workers. */
export interface RemoteContext extends JobFolders {
  /** The workers. */
  readonly remote: RemoteQueue;
}

/** Milliseconds between two requests for the state of a video. */
const POLL_EVERY = 500;

/** A video that was submitted, as the folder of its job records it. */
interface Submitted {
  readonly id: string;
  /** Whether it ended without a result. */
  readonly hasFailed?: boolean;
}

const recordIn = (folder: string) => join(folder, "submitted.json");

async function submittedIn(folder: string): Promise<Submitted | undefined> {
  const text = await Deno.readTextFile(recordIn(folder)).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text) as Submitted;
}

async function record(folder: string, submitted: Submitted): Promise<string> {
  await Deno.writeTextFile(recordIn(folder), JSON.stringify(submitted));
  return submitted.id;
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, POLL_EVERY));

/** Describes the state of a video. */
function detailOf({ phase, workers }: RemoteVideo): string {
  if (phase === "waiting") return "waiting for a worker";
  return phase === "making" ? count(workers, "worker") : phase;
}

/** Returns the functions that run a job on workers and remove its unfinished work. */
export function remoteConversions(context: RemoteContext): Pick<QueueOptions, "run" | "discard" | "isRemote"> {
  const { remote } = context;
  /** Workers read the speed curve from a file, because a command has no objects. */
  async function submit(job: StoredJob, { input, staged, folder, convert, model }: PreparedJob): Promise<string> {
    const curve = convert.retime === undefined ? undefined : join(folder, "curve.json");
    if (curve !== undefined) await Deno.writeTextFile(curve, `${job.settings.retime}`);
    return await record(folder, { id: await remote.submit(input, staged, { ...convert, ...model, retime: curve }) });
  }
  async function begin(job: StoredJob, prepared: PreparedJob): Promise<string> {
    const { folder } = prepared, before = await submittedIn(folder);
    if (before === undefined || await remote.state(before.id) === undefined) return await submit(job, prepared);
    return before.hasFailed ? await record(folder, { id: await remote.retry(before.id) }) : before.id;
  }
  return {
    isRemote: true,
    async run(job, { signal, onEvent, onDetail }) {
      const prepared = await prepareJob(job, context), { folder } = prepared;
      // A server may not answer for a long time.
      const id = await unlessAborted(begin(job, prepared), signal);
      for (;;) {
        const state = await unlessAborted(remote.state(id), signal);
        if (!state || state.phase === "failed" || state.phase === "cancelled") {
          await record(folder, { id, hasFailed: true });
          throw new JobError(
            state?.error ??
              (state ? "the video was canceled in the queue" : `${remote.name} has lost the video; run it again`),
          );
        }
        const { done, frames } = state;
        onDetail(detailOf(state));
        if (frames !== undefined) onEvent({ type: "frame", done, interpolated: 0, total: frames });
        if (state.phase === "done") return await prepared.deliver();
        await unlessAborted(pause(), signal);
      }
    },
    async discard(job) {
      const folder = workFolder(context, job), submitted = await submittedIn(folder);
      if (submitted) await remote.cancel(submitted.id).catch(() => {});
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    },
  };
}
