import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { PairJob, PairResult } from "../../core/contracts/engine.ts";
import { JobError, UsageError } from "../../core/errors.ts";
import type { WorkerSetup } from "../backend.ts";
import type { FromWorker, ToWorker } from "./pair_messages.ts";
import { openWorkerPool } from "./worker_pool.ts";

/** A worker that opens at once; the test answers its jobs. */
class FakeWorker {
  onmessage?: (event: { data: FromWorker }) => void;
  onerror?: (event: { message: string; preventDefault(): void }) => void;
  onmessageerror?: () => void;
  readonly jobs: PairJob[] = [];
  closing = false;
  terminated = false;

  postMessage(message: ToWorker): void {
    if (message.kind === "run") this.jobs.push(message.job);
    else if (message.kind === "close") this.closing = true;
    else queueMicrotask(() => this.onmessage!({ data: { kind: "opened", device: "abacus" } }));
  }

  terminate(): void {
    this.terminated = true;
  }

  answer(result: PairResult): void {
    this.onmessage!({ data: { kind: "done", result } });
  }
}

const setup = { backend: "fake" } as WorkerSetup;
const job = (time: number) => ({ times: [time] }) as unknown as PairJob;
const result = (name: string) => ({ images: [], timing: { [name]: 1 } });

async function open(count: number, { closesBackend = false, startsOnDemand = false } = {}) {
  const workers: FakeWorker[] = [];
  const createWorker = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  };
  return {
    workers,
    engine: await openWorkerPool({
      ...{ workers: count, createWorker, module: import.meta.url, setup },
      ...{ closesBackend, startsOnDemand },
    }),
  };
}

Deno.test("openWorkerPool() gives each worker one job at a time, and the next one to a free worker", async () => {
  const { engine, workers: [a, b] } = await open(2);
  equal([engine.device, engine.parallel], ["abacus", 2]);
  const results = [1, 2, 3].map((time) => engine.run(job(time)));
  equal([a!.jobs, b!.jobs], [[job(1)], [job(2)]]);
  b!.answer(result("second"));
  equal(await results[1], result("second"));
  equal(b!.jobs, [job(2), job(3)]);
  b!.answer(result("third"));
  a!.answer(result("first"));
  equal(await Promise.all(results), [result("first"), result("second"), result("third")]);
});

Deno.test("openWorkerPool() rejects the job of a worker that fails with the error's class and first line", async () => {
  const { engine, workers: [worker] } = await open(1);
  const fail = (name: string) => {
    const run = engine.run(job(1));
    worker!.onmessage!({ data: { kind: "failed", error: { name, message: "too large\n  at line 2" } } });
    return run;
  };
  await rejects(fail("UsageError"), (error) => error instanceof UsageError);
  await rejects(fail("RangeError"), (error) => error instanceof JobError && error.message === "too large");
});

Deno.test("openWorkerPool() rejects the job of a worker that dies, and every later one", async () => {
  const { engine, workers: [worker] } = await open(1);
  const running = engine.run(job(1)), waiting = engine.run(job(2));
  worker!.onerror!({ message: "out of memory\nstack", preventDefault() {} });
  for (const run of [running, waiting, engine.run(job(3))]) {
    await rejects(run, (error) => error instanceof JobError && error.message === "a worker died: out of memory");
  }
  equal([worker!.terminated, worker!.jobs.length], [true, 1]);
});

Deno.test("a closed pool ends its workers, and rejects jobs that run or wait", async () => {
  const { engine, workers } = await open(2);
  const runs = [1, 2, 3].map((time) => engine.run(job(time)));
  await engine.close();
  for (const run of runs) await rejects(run, /the engine was closed/);
  equal(workers.map(({ terminated }) => terminated), [true, true]);
});

Deno.test("a closed pool waits for workers that close their backend after their current pair", async () => {
  const { engine, workers: [worker] } = await open(1, { closesBackend: true }), run = engine.run(job(1));
  const closed = engine.close();
  await rejects(run, /the engine was closed/);
  worker!.answer(result("late"));
  equal([worker!.closing, worker!.terminated], [true, false]);
  worker!.onmessage!({ data: { kind: "closed" } });
  await closed;
  equal(worker!.terminated, true);
});

Deno.test("a closed pool ends if a worker dies while it closes its backend", async () => {
  const { engine, workers: [worker] } = await open(1, { closesBackend: true });
  const closed = engine.close();
  worker!.onerror!({ message: "out of memory", preventDefault() {} });
  await closed;
  equal(worker!.terminated, true);
});

/** Lets promises that are settled be handled. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("openWorkerPool() starts workers on demand one after the other, while jobs wait", async () => {
  const { engine, workers } = await open(3, { startsOnDemand: true });
  equal([workers.length, engine.parallel], [1, 3]);
  const first = engine.run(job(1));
  await settle();
  equal(workers.length, 1);
  const others = [2, 3, 4].map((time) => engine.run(job(time)));
  equal(workers.length, 2);
  await settle();
  equal(workers.map(({ jobs }) => jobs), [[job(1)], [job(2)], [job(3)]]);
  workers.forEach((worker, i) => worker.answer(result(`${i + 1}`)));
  await settle();
  equal([workers.length, workers[0]!.jobs], [3, [job(1), job(4)]]);
  workers[0]!.answer(result("4"));
  equal(await Promise.all([first, ...others]), ["1", "2", "3", "4"].map(result));
});

Deno.test("openWorkerPool() goes on with the workers it has if another one does not start", async () => {
  const { engine, workers } = await open(3, { startsOnDemand: true });
  const runs = [1, 2, 3].map((time) => engine.run(job(time)));
  workers[1]!.onerror!({ message: "out of memory", preventDefault() {} });
  await settle();
  equal([workers.length, workers[1]!.terminated], [2, true]);
  for (const name of ["1", "2", "3"]) {
    workers[0]!.answer(result(name));
    await settle();
  }
  equal(await Promise.all(runs), ["1", "2", "3"].map(result));
});

Deno.test("a closed pool ends a worker that is being started, and starts no other", async () => {
  const { engine, workers } = await open(3, { startsOnDemand: true });
  const runs = [1, 2, 3].map((time) => engine.run(job(time)));
  await engine.close();
  for (const run of runs) await rejects(run, /the engine was closed/);
  await settle();
  equal(workers.map(({ terminated }) => terminated), [true, true]);
  await rejects(engine.run(job(4)), /the engine was closed/);
  equal(workers.length, 2);
});

Deno.test("openWorkerPool() never starts a job that was aborted while it waited", async () => {
  const { engine, workers: [worker] } = await open(1), stop = new AbortController();
  const first = engine.run(job(1)), second = engine.run(job(2), stop.signal), third = engine.run(job(3));
  stop.abort(new Error("enough"));
  worker!.answer(result("first"));
  await first;
  await rejects(second, /enough/);
  worker!.answer(result("third"));
  equal(await third, result("third"));
  equal(worker!.jobs, [job(1), job(3)]);
});
