/** Operations of the queue per second, without work. */
import { openQueueServer, QueueClient, runWorker } from "@slomo/queue";
import { waitingSteps } from "./simulate.ts";

/** Returns the operations per second of a function that does a number of them. */
async function rate(count: number, work: () => Promise<unknown>): Promise<string> {
  const begun = performance.now();
  await work();
  return (count / ((performance.now() - begun) / 1000)).toFixed(0);
}

/** Prints the rates at which videos are submitted, their states are read, and workers take and complete segments. */
export async function operations(
  url: string,
  { videos, segments }: { readonly videos: number; readonly segments: number },
): Promise<void> {
  await using server = await openQueueServer(url);
  await using client = new QueueClient(server);
  const video = { command: {}, input: "in", output: "out" }, ids: string[] = [];
  const submitted = await rate(videos, async () => {
    ids.push(...await Promise.all(Array.from({ length: videos }, () => client.submit(video))));
  });
  const seen = await rate(videos, () => Promise.all(ids.map((id) => client.state(id))));
  await Promise.all(ids.map((id) => client.cancel(id)));
  const stop = new AbortController(), steps = waitingSteps(segments, 0, () => {});
  const workers = Array.from({ length: 10 }, async (_, i) => {
    await using own = await openQueueServer(url);
    await runWorker(own, { steps, name: `w${i}`, signal: stop.signal, onNote: () => {} });
  });
  const made = await rate(segments, async () => {
    const id = await client.submit(video);
    while ((await client.state(id)).phase !== "done") await new Promise((resolve) => setTimeout(resolve, 50));
  });
  stop.abort();
  await Promise.all(workers);
  console.log(
    `${submitted} videos submitted per second, ${seen} states read per second, ${made} segments per second by 10 workers`,
  );
}
