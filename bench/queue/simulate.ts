/** The queue with segments that only wait. */
import { openQueueServer, QueueClient, runWorker, type VideoSteps } from "@slomo/queue";
// @ts-types="../../queue/client_types.d.ts"
import { Redis } from "ioredis";

/** Steps that do nothing but wait. */
export function waitingSteps(segments: number, seconds: number, onMade: () => void): VideoSteps {
  return {
    facts: "0123456789ab",
    plan: () =>
      Promise.resolve({ frames: 100 * segments, segments, missing: Array.from({ length: segments }, (_, i) => i) }),
    async make() {
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
      onMade();
    },
    scan: () => Promise.resolve(),
    merge: () => Promise.resolve({ frames: 1, segments: 1, missing: [] }),
    join: () => Promise.resolve(),
  };
}

/** Returns a number of Redis's `INFO`. */
async function info(redis: Redis, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await redis.info())?.[1]);
}

/**
 * Prints the makespan beside the ideal one, the time that the queue adds to a segment, and the connections, commands and memory
 * of the server, which must be one of Redis or Valkey that nothing else uses.
 */
export async function simulate(
  url: string,
  { workers, segments, seconds }: { readonly workers: number; readonly segments: number; readonly seconds: number },
): Promise<void> {
  const redis = new Redis({ host: new URL(url).hostname, port: Number(new URL(url).port || 6379) });
  const stop = new AbortController();
  let first: number | undefined, made = 0;
  const steps = waitingSteps(segments, seconds, () => {
    first ??= performance.now() - 1000 * seconds;
    made++;
  });
  const empty = await info(redis, "used_memory"), commands = await info(redis, "total_commands_processed");
  await using server = await openQueueServer(url);
  await using client = new QueueClient(server);
  const running = Array.from({ length: workers }, async (_, i) => {
    await using own = await openQueueServer(url);
    await runWorker(own, { steps, name: `w${i}`, signal: stop.signal, onNote: () => {} });
  });
  const id = await client.submit({ command: {}, input: "in", output: "out" });
  let memory = 0, clients = 0;
  for (let phase = ""; phase !== "done"; phase = (await client.state(id)).phase) {
    memory = Math.max(memory, await info(redis, "used_memory") - empty);
    clients = Math.max(clients, await info(redis, "connected_clients"));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const makespan = (performance.now() - first!) / 1000, ideal = Math.ceil(segments / workers) * seconds;
  const sent = await info(redis, "total_commands_processed") - commands;
  stop.abort();
  await Promise.all(running);
  redis.disconnect();
  console.log(
    `${made} segments of ${seconds} s, ${workers} workers: ${makespan.toFixed(1)} s, ideal ${ideal.toFixed(1)} s ` +
      `(${(100 * (makespan / ideal - 1)).toFixed(1)} % more); ` +
      `${(1000 * (makespan - ideal) * workers / segments).toFixed(1)} ms per segment and worker; ` +
      `${(segments / makespan).toFixed(0)} segments/s; ${clients} connections; ` +
      `${(sent / segments).toFixed(1)} commands per segment; ${Math.round(memory / segments)} bytes per segment`,
  );
}
