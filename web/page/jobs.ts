/** Follows the queue, and tells when a job ends. */
import type { Job, JobAction } from "../shared/types.ts";
import { client, read } from "./api.ts";
import { app, connection, jobs, say } from "./state.ts";

const ENDINGS: Partial<Record<Job["state"], string>> = { done: "is done", failed: "failed" };

/** Tells screen readers, and the system if the user allows it, about jobs that have ended. */
function tell(before: readonly Job[] | undefined, now: readonly Job[]): void {
  // Jobs of the first report ended earlier; one that is new later on has ended since the last report.
  if (!before) return;
  const states = new Map(before.map(({ id, state }) => [id, state]));
  for (const { id, name, state } of now) {
    const ending = ENDINGS[state];
    if (!ending || states.get(id) === state) continue;
    say(`${name} ${ending}`);
    if (globalThis.Notification?.permission === "granted") {
      new Notification("slomo", { body: `${name} ${ending}`, tag: id });
    }
  }
}

/** Milliseconds after which a lost server is called again. */
const AGAIN = 2000;

/**
 * Follows the queue as long as the page is open, also when the server is started again.
 *
 * @param restart Called when the server answers again, if the page has no state yet.
 */
export function watchJobs(restart: () => Promise<void>): void {
  const source = new EventSource("/api/events");
  source.onmessage = ({ data }) => {
    const now = JSON.parse(data) as readonly Job[];
    tell(jobs.value, now);
    jobs.value = now;
    connection.value = "open";
    if (!app.value) restart();
  };
  source.onerror = async () => {
    source.close();
    if (connection.value === "open") connection.value = "lost";
    // Only a request tells whether the server is gone or refuses the cookie of an earlier one.
    await read(client.api.jobs.$get()).catch(() => {});
    setTimeout(() => watchJobs(restart), AGAIN);
  };
}

/** Does something with a job. */
export async function act(id: string, action: JobAction): Promise<void> {
  await read(client.api.jobs[":id"][":action"].$post({ param: { id, action } }));
}

/** Moves a job to a place in the queue. */
export async function move(id: string, to: number): Promise<void> {
  const all = jobs.value ?? [], others = all.filter((job) => job.id !== id), job = all.find((job) => job.id === id);
  if (!job || to < 0 || to > others.length) return;
  const order = [...others.slice(0, to), job, ...others.slice(to)];
  jobs.value = order;
  say(`${job.name} is number ${to + 1} of ${order.length}`);
  await read(client.api.jobs.order.$post({ json: { ids: order.map(({ id }) => id) } }));
}
