/** Workers whose steps do nothing, for tests of servers. */
import { deepStrictEqual as equal, match, rejects } from "node:assert/strict";
import { UsageError } from "@slomo/core";
import { openQueueServer, QueueClient, runWorker, type VideoSteps } from "@slomo/queue";
import { JOB_OPTIONS, VIDEOS } from "../../queue/jobs.ts";
import { classesOf } from "../../queue/server.ts";
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

const isDone = async (client: QueueClient, id: string) => (await client.state(id)).phase === "done";

/** Submits, lists and cancels videos, with shards and without, whose workers complete them. */
export async function useQueue(client: QueueClient): Promise<void> {
  const id = await client.submit(VIDEO), shards = { ...VIDEO, output: "shards.mp4", shards: 2 };
  const divided = await client.submit(shards, { priority: 3 });
  for (const each of [id, divided]) await until(() => isDone(client, each), `${each} is done`);
  const again = await client.submit(VIDEO);
  await client.cancel(again).catch(() => {});
  const listed = (await client.list()).map(({ id }) => id);
  for (const each of [id, divided]) if (!listed.includes(each)) throw new Error(`${each} is not listed`);
}

/** Submits an output again and again, which only one video at once may make. */
export async function makesOutputOnce(url: string): Promise<void> {
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>();
  await withFakes({ worker: url, submitter: url }, { make: () => isOpen }, async (client) => {
    const many = await Promise.allSettled([1, 2, 3, 4, 5].map(() => client.submit(VIDEO)));
    const [id, ...more] = many.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    equal(more, []);
    const busy = {
      ...{ name: "UsageError", code: "output-busy" },
      message: `queue: ${id} already makes out.mp4; watch it with deno task queue URL watch ${id}, or cancel it`,
    };
    for (const { reason } of many.filter((each) => each.status === "rejected")) {
      equal({ name: reason.name, code: reason.code, message: reason.message }, busy);
    }
    await until(async () => (await client.state(id!)).phase === "making", "the video is planned");
    await rejects(client.submit(VIDEO), busy);
    await rejects(client.retry(id!), { name: "UsageError", message: /cannot retry v\w+: it is still running; / });
    // A program that does not ask before it submits.
    await using server = await openQueueServer(url);
    const videos = classesOf(server).queue(VIDEOS);
    await videos.add("video", VIDEO, { ...JOB_OPTIONS, jobId: "rude" });
    await until(async () => (await client.state("rude")).phase === "failed", "the other video fails");
    equal((await client.state("rude")).error, busy.message);
    await videos.close();
    open();
    await until(() => isDone(client, id!), "the video is done");
    await rejects(client.retry(id!), {
      name: "UsageError",
      message: /cannot retry v\w+: it is done; submit it again$/,
    });
    await rejects(client.cancel(id!), { name: "UsageError", message: /cannot cancel v\w+: it is done; / });
    const next = await client.submit(VIDEO);
    await until(() => isDone(client, next), "the next video is done");
  });
}

/** Fails a segment, without which the join is not tried again. */
export async function joinsOnce(url: string): Promise<void> {
  let joins = 0, isBroken = true;
  const make: VideoSteps["make"] = (_video, _command, index) =>
    index === 1 && isBroken ? Promise.reject(new UsageError("out.mp4 exists")) : Promise.resolve();
  const join = () => {
    joins++;
    return isBroken ? Promise.reject(new Error("1 of 3 are missing")) : Promise.resolve();
  };
  await withFakes({ worker: url, submitter: url }, { make, join }, async (client) => {
    const id = await client.submit(VIDEO, { priority: 7 });
    await until(async () => (await client.state(id)).phase === "failed", "the video fails");
    equal(joins, 1);
    const { error } = await client.state(id);
    match(error!, /^1 segments could not be made: out\.mp4 exists; the others are kept/);
    await rejects(client.cancel(id), { name: "UsageError", message: /cannot cancel v\w+: it has failed; / });
    const { phase, error: after } = await client.state(id);
    equal([phase, after], ["failed", error]);
    isBroken = false;
    const again = await client.retry(id);
    await until(() => isDone(client, again), "the video is done");
    equal((await client.state(again)).priority, 7);
  });
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
