/** Workers whose steps do nothing, for tests of servers. */
import { deepStrictEqual as equal } from "node:assert/strict";
import { openQueueServer, QueueClient, runWorker, type VideoSteps } from "@slomo/queue";
import { until } from "./_servers.ts";

/** Facts of the workers, which are part of the names of their queues. */
export const FACTS = "0123456789ab";

const PLANNED = { frames: 100, segments: 3, missing: [0, 1, 2] };

/** Runs a worker, and submits videos, as different users of one server. */
export async function withFakes(
  urls: { readonly worker: string; readonly submitter: string },
  steps: Partial<VideoSteps>,
  test: (client: QueueClient) => Promise<void>,
): Promise<void> {
  const stop = new AbortController(), nothing = () => Promise.resolve();
  await using own = await openQueueServer(urls.worker);
  const running = runWorker(own, {
    steps: {
      ...{ facts: FACTS, scan: nothing, make: nothing, join: nothing, merge: () => Promise.resolve(PLANNED) },
      plan: (_video, _command, _run, shards) =>
        Promise.resolve(shards === undefined ? PLANNED : { shards, missing: [0, 1] }),
      ...steps,
    },
    ...{ name: "fake", signal: stop.signal, onNote: () => {}, lock: 2 },
  });
  try {
    await using server = await openQueueServer(urls.submitter);
    await using client = new QueueClient(server);
    await test(client);
  } finally {
    stop.abort();
    await running;
  }
}

const VIDEO = { command: {}, input: "in.mp4", output: "out.mp4" };

/** Submits, lists, retries and cancels videos, with shards and without, whose workers complete them. */
export async function useQueue(client: QueueClient): Promise<void> {
  const id = await client.submit(VIDEO), divided = await client.submit({ ...VIDEO, shards: 2 }, { priority: 3 });
  const isDone = async (id: string) => (await client.state(id)).phase === "done";
  for (const each of [id, divided]) await until(() => isDone(each), `${each} is done`);
  const again = await client.retry(id);
  await until(() => isDone(again), `${again} is done`);
  await client.cancel(divided);
  const listed = (await client.list()).map(({ id }) => id);
  for (const each of [id, divided, again]) if (!listed.includes(each)) throw new Error(`${each} is not listed`);
}

/** Makes three segments, and checks when the worker takes each of them. */
export async function takesNextNearEnd(url: string): Promise<void> {
  const seen: string[] = [], reports: ((done: number) => void)[] = [], ends: (() => void)[] = [];
  const make: VideoSteps["make"] = async (_video, _command, index, { onFrame }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    reports[index] = (done) => onFrame?.(done, 100);
    ends[index] = resolve;
    seen.push(`begins ${index}`);
    await promise;
    seen.push(`ends ${index}`);
  };
  const sees = (text: string) => until(() => seen.includes(text), () => `${text} after ${seen}`);
  await withFakes({ worker: url, submitter: url }, { make }, async (client) => {
    const id = await client.submit(VIDEO);
    await sees("begins 0");
    reports[0]!(1);
    // The queue has been asked, so that the worker would have taken the next segment by now.
    await until(async () => (await client.state(id)).active.length === 1, "segment 0 is active");
    equal(seen, ["begins 0"]);
    reports[0]!(100);
    await sees("begins 1");
    // Two at once, even if both are near their ends.
    reports[1]!(100);
    ends[0]!();
    await sees("begins 2");
    ends[1]!();
    await sees("ends 1");
    ends[2]!();
    await until(async () => (await client.state(id)).phase === "done", "the video is done");
  });
  equal(seen, ["begins 0", "begins 1", "ends 0", "begins 2", "ends 1", "ends 2"]);
}
