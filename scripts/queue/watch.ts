import { JobError } from "@slomo/core";
import { pause } from "@slomo/core/video";
import { type QueueClient, untilAnswered, type VideoState } from "@slomo/queue";
import type { TaskIo } from "../_cli.ts";
import { clock, createReporter, type Reporter } from "../interpolate/reporter.ts";
import { inFlags } from "./worker_options.ts";

/** Milliseconds between two looks at the queue. */
const LOOK_EVERY = 1000;

/** Describes a video in one line. */
export function stateLine({ id, input, output, phase, frames, done, active, scanned, error }: VideoState): string {
  const share = scanned
    ? `, ${scanned.done} of ${scanned.shards} shards scanned`
    : frames === undefined
    ? ""
    : ` ${Math.floor(100 * done / frames)}% of ${frames} frames`;
  const workers = active.length > 0 ? `, ${active.length} at work` : "";
  return `${id} ${phase}${share}${workers}: ${input} → ${output}${error ? `: ${inFlags(error)}` : ""}`;
}

/** Describes the workers of a video, one line each. */
export function workerLines({ active, scanned }: VideoState): string[] {
  return active.map(({ worker = "a worker", segment, done, total, rate }) => {
    const left = rate && total !== undefined && done !== undefined ? `, ${clock((total - done) / rate)} left` : "";
    const of = total === undefined ? "" : ` of ${total}`;
    const progress = done === undefined ? "" : `, frame ${done}${of}, ${rate} frames/s${left}`;
    return `  ${worker}: ${scanned ? "shard" : "segment"} ${segment}${progress}`;
  });
}

/**
 * Returns a function that reads the state of a video, also while the server does not answer, which it notes once. It returns
 * `undefined` when the user detaches.
 */
function stateReader(client: QueueClient, id: string, { note }: Reporter, signal: AbortSignal) {
  let isSilent = false;
  const onSilent = () => {
    if (!isSilent) note(`${client.server} does not answer; waiting`);
    isSilent = true;
  };
  return async (): Promise<VideoState | undefined> => {
    try {
      const state = await untilAnswered(() => client.state(id), signal, onSilent);
      isSilent = false;
      return state;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  };
}

/**
 * Shows the progress of a video until it ends, or the user detaches.
 *
 * @throws {JobError} If the video fails, or is cancelled.
 */
export async function watchVideo(
  client: QueueClient,
  id: string,
  options: { readonly json: boolean; readonly quiet: boolean },
  io: TaskIo,
): Promise<void> {
  const report = createReporter(options, io), read = stateReader(client, id, report, io.signal);
  let last = "", lastScanned = -1;
  try {
    for (;;) {
      const state = await read();
      if (!state) {
        report.note(`detached; the video goes on: deno task queue URL watch ${id}`);
        return;
      }
      const { phase, frames, done, scanned } = state;
      if (phase === "failed") throw new JobError(`${state.output}: ${inFlags(`${state.error}`)}`);
      if (phase === "cancelled") {
        throw new JobError(`${state.output}: the video was cancelled; finished segments are kept`);
      }
      if (phase !== last) {
        report.note(`${id}: ${phase}`);
        report.fact({ type: "phase", id, phase });
      }
      last = phase;
      if (scanned && scanned.done !== lastScanned) {
        lastScanned = scanned.done;
        report.note(`${id}: ${scanned.done} of ${scanned.shards} shards scanned`);
        report.fact({ type: "shards", id, ...scanned });
      }
      if (frames !== undefined) report.event({ type: "frame", done, interpolated: 0, total: frames });
      if (phase === "done") {
        report.close();
        report.fact({ type: "done", output: state.output });
        report.note(`${state.output}: ${frames} frames`);
        return;
      }
      // An abort is noticed when the state is read.
      await pause(LOOK_EVERY, io.signal).catch(() => {});
    }
  } finally {
    report.close();
  }
}
