import { deepStrictEqual as equal, ok, rejects, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { withFolder } from "../../tests/_tools.ts";
import { type JobRun, Queue } from "./queue.ts";
import { JobStore, type StoredJob } from "./store.ts";

/** A run of a job that the test ends. */
interface Running extends JobRun {
  readonly job: StoredJob;
  readonly end: (result?: string) => void;
  readonly fail: (error: Error) => void;
}

/** A queue whose jobs the test runs. */
function testQueue(store = new JobStore(":memory:"), isRemote = false) {
  const runs: Running[] = [], discarded: string[] = [];
  let now = 0;
  const queue = new Queue(store, {
    isRemote,
    run(job, run) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      run.signal.addEventListener("abort", () => reject(run.signal.reason));
      runs.push({ ...run, job, end: (result = `0/${job.name}`) => resolve(result), fail: reject });
      return promise;
    },
    discard: ({ name }) => Promise.resolve(void discarded.push(name)),
    now: () => now++,
  });
  const add = (name: string) =>
    queue.add({ file: "0/clip.mp4", path: "/videos/clip.mp4", name, settings: { factor: "2" } }).id;
  const states = () => queue.jobs().map(({ name, state }) => `${name} ${state}`);
  return { queue, store, runs, discarded, add, states };
}

/** Lets the promises of a queue settle. */
const settle = () => new Promise<void>((resolve) => queueMicrotask(() => setTimeout(resolve)));

Deno.test("jobs run one after another, and a failure does not stop the others", async () => {
  const { runs, add, states, queue } = testQueue();
  ["a", "b", "c"].forEach(add);
  equal(states(), ["a running", "b queued", "c queued"]);
  runs[0]!.end();
  await settle();
  equal([states(), runs.length], [["a done", "b running", "c queued"], 2]);
  runs[1]!.fail(new Error("disk full"));
  await settle();
  equal(states(), ["a done", "b failed", "c running"]);
  equal(queue.jobs().map(({ result, message }) => result ?? message), ["0/a", "disk full", undefined]);
});

Deno.test("a paused job waits between two frames and lets the next one run; it continues in its turn", async () => {
  const { runs, add, states, queue } = testQueue();
  const [a, b] = ["a", "b"].map(add) as [string, string];
  equal(runs[0]!.hold(), undefined);
  queue.pause(a);
  equal(states(), ["a paused", "b running"]);
  let isHeld = true;
  runs[0]!.hold()!.then(() => isHeld = false);
  queue.resume(a);
  await settle();
  equal([states(), isHeld], [["a queued", "b running"], true]);
  queue.pause(b);
  await settle();
  equal([states(), isHeld, runs.length], [["a running", "b paused"], false, 2]);
  equal(runs[0]!.hold(), undefined);
  runs[0]!.end();
  await settle();
  equal(states(), ["a done", "b paused"]);
  throws(() => queue.pause(a), { name: "UsageError", message: /cannot be paused: it is done/ });
  throws(() => queue.resume("nobody"), { name: "UsageError" });
});

Deno.test("a canceled job stops and its work is removed, also while it waits or is paused", async () => {
  const { runs, add, states, queue, discarded } = testQueue();
  const [a, b, c] = ["a", "b", "c"].map(add) as [string, string, string];
  queue.pause(a);
  await Promise.all([queue.cancel(a), queue.cancel(c)]);
  equal([states(), discarded.sort()], [["a canceled", "b running", "c canceled"], ["a", "c"]]);
  ok(runs[0]!.signal.aborted && !runs[1]!.signal.aborted);
  await queue.cancel(b);
  queue.retry(c);
  equal([states(), runs.at(-1)!.job.isStarted], [["a canceled", "b canceled", "c running"], false]);
  await rejects(queue.remove(c), { name: "UsageError" });
  await queue.remove(a);
  equal(states(), ["b canceled", "c running"]);
});

Deno.test("the order of jobs can be changed", async () => {
  const { runs, add, states, queue } = testQueue();
  const [a, b, c] = ["a", "b", "c"].map(add) as [string, string, string];
  queue.reorder([c, b, "nobody", a]);
  equal(states(), ["c queued", "b queued", "a running"]);
  runs[0]!.end();
  await settle();
  equal(states(), ["c running", "b queued", "a done"]);
  queue.reorder([b]);
  equal(states(), ["b queued", "c running", "a done"]);
});

Deno.test("progress has a rate, the remaining time and notes", () => {
  const { runs, add, queue } = testQueue();
  add("a");
  const { onEvent } = runs[0]!;
  for (let done = 1; done <= 10; done++) {
    onEvent({ type: "frame", done, interpolated: Math.floor(done / 2), total: 20 });
  }
  onEvent({ type: "warning", message: "subtitles are not kept" });
  const { done, total, rate, left, notes } = queue.jobs()[0]!;
  equal([done > 5, total, notes], [true, 20, ["subtitles are not kept"]]);
  ok(rate! > 0 && left! > 0);
});

Deno.test("workers get all jobs at once, and report their status", async () => {
  const { runs, add, states, queue } = testQueue(undefined, true), [a] = ["a", "b"].map(add) as [string, string];
  equal([states(), runs.length], [["a running", "b running"], 2]);
  runs[1]!.onDetail("2 workers");
  equal(queue.jobs().map(({ detail }) => detail), [undefined, "2 workers"]);
  throws(() => queue.pause(a), { name: "UsageError", message: /cannot be paused: workers make it/ });
  runs[1]!.end();
  await settle();
  equal([states(), queue.jobs()[1]!.detail], [["a running", "b done"], undefined]);
});

Deno.test("after a restart jobs continue from their finished work; paused ones stay paused", async () => {
  await withFolder(async (_, at) => {
    {
      using store = new JobStore(at("queue.db"));
      const { add, queue } = testQueue(store), [a, b] = ["a", "b", "c", "d"].map(add) as [string, string];
      queue.pause(a);
      equal(queue.jobs().map(({ state }) => state), ["paused", "running", "queued", "queued"]);
      queue.reorder([b, a]);
      await queue.close();
    }
    using store = new JobStore(at("queue.db"));
    const { runs, queue, states } = testQueue(store);
    equal(states(), ["b queued", "a paused", "c queued", "d queued"]);
    queue.start();
    equal([states()[0], runs[0]!.job.isStarted, runs[0]!.job.settings], ["b running", true, { factor: "2" }]);
  });
});

Deno.test("the queue of a newer version is left alone", async () => {
  await withFolder((_, at) => {
    const database = new DatabaseSync(at("queue.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    throws(() => new JobStore(at("queue.db")), { name: "JobError", message: /newer version/ });
    return Promise.resolve();
  });
});

Deno.test("what is stored stays text: quotes, SQL and other alphabets", () => {
  using store = new JobStore(":memory:");
  const name = `'); DROP TABLE jobs; -- "日本".mp4`,
    { id } = store.add({ file: name, path: name, name, settings: { [name]: name } });
  store.update(id, { notes: [name], message: name, ...{ "id = 'x', name": "evil" } });
  const job = store.get(id)!;
  equal([job.file, job.path, job.name, job.settings, job.notes], [name, name, name, { [name]: name }, [name]]);
  equal(job.message, name);
});
