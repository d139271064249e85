import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { PairJob, PairResult } from "../../core/contracts/engine.ts";
import { JobError, UsageError } from "../../core/errors.ts";
import type { PairSetup } from "../backend.ts";
import type { FromWorker, ToWorker } from "./pair_messages.ts";
import { openWorkerPool } from "./worker_pool.ts";

/** A thread that opens at once and leaves the answers to jobs to the test. */
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

const setup = { backend: "fake" } as PairSetup;
const job = (time: number) => ({ times: [time] }) as unknown as PairJob;
const result = (name: string) => ({ images: [], timing: { [name]: 1 } });

async function open(workers: number, freesItself = false) {
  const threads: FakeWorker[] = [];
  const createWorker = () => {
    const thread = new FakeWorker();
    threads.push(thread);
    return thread as unknown as Worker;
  };
  return {
    threads,
    engine: await openWorkerPool({ workers, createWorker, module: import.meta.url, setup, freesItself }),
  };
}

Deno.test("openWorkerPool() gives each thread one job at a time, whichever is free the next one", async () => {
  const { engine, threads: [a, b] } = await open(2);
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

Deno.test("openWorkerPool() rejects the job of a thread that fails with the error's class and first line", async () => {
  const { engine, threads: [thread] } = await open(1);
  const fail = (name: string) => {
    const run = engine.run(job(1));
    thread!.onmessage!({ data: { kind: "failed", error: { name, message: "too large\n  at line 2" } } });
    return run;
  };
  await rejects(fail("UsageError"), (error) => error instanceof UsageError);
  await rejects(fail("RangeError"), (error) => error instanceof JobError && error.message === "too large");
});

Deno.test("openWorkerPool() rejects the job of a thread that dies, and every later one", async () => {
  const { engine, threads: [thread] } = await open(1);
  const running = engine.run(job(1)), waiting = engine.run(job(2));
  thread!.onerror!({ message: "out of memory\nstack", preventDefault() {} });
  for (const run of [running, waiting, engine.run(job(3))]) {
    await rejects(run, (error) => error instanceof JobError && error.message === "a thread died: out of memory");
  }
  equal([thread!.terminated, thread!.jobs.length], [true, 1]);
});

Deno.test("openWorkerPool() closed ends its threads, and rejects jobs that run or wait", async () => {
  const { engine, threads } = await open(2);
  const runs = [1, 2, 3].map((time) => engine.run(job(time)));
  await engine.close();
  for (const run of runs) await rejects(run, /the engine was closed/);
  equal(threads.map(({ terminated }) => terminated), [true, true]);
});

Deno.test("openWorkerPool() closed waits for threads that free what they hold, after the pair that they are at", async () => {
  const { engine, threads: [thread] } = await open(1, true), run = engine.run(job(1));
  const closed = engine.close();
  await rejects(run, /the engine was closed/);
  thread!.answer(result("late"));
  equal([thread!.closing, thread!.terminated], [true, false]);
  thread!.onmessage!({ data: { kind: "closed" } });
  await closed;
  equal(thread!.terminated, true);
});

Deno.test("openWorkerPool() closed ends where a thread dies as it frees what it holds", async () => {
  const { engine, threads: [thread] } = await open(1, true);
  const closed = engine.close();
  thread!.onerror!({ message: "out of memory", preventDefault() {} });
  await closed;
  equal(thread!.terminated, true);
});

Deno.test("openWorkerPool() never starts a job that was aborted while it waited", async () => {
  const { engine, threads: [thread] } = await open(1), stop = new AbortController();
  const first = engine.run(job(1)), second = engine.run(job(2), stop.signal), third = engine.run(job(3));
  stop.abort(new Error("enough"));
  thread!.answer(result("first"));
  await first;
  await rejects(second, /enough/);
  thread!.answer(result("third"));
  equal(await third, result("third"));
  equal(thread!.jobs, [job(1), job(3)]);
});
