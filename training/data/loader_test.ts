import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { JobError } from "../../core/errors.ts";
import { type Batch, joinSamples } from "./batch.ts";
import { type BatchAnswer, type BatchRequest, createLoader, type LoaderWorker, serveBatches } from "./loader.ts";

function batchOf(index: number): Batch {
  const image = new Float32Array(3).fill(index);
  const sample = { size: 1, first: image, second: image, groundTruths: [image], times: [0.5] };
  return joinSamples([sample], index, "test");
}

/** A loader and a worker in one thread; responses wait until `hold` is resolved. */
function pairOfPorts(draw: (index: number) => Batch, hold: (index: number) => Promise<void> = () => Promise.resolve()) {
  const asked: number[] = [];
  const inside = {
    onmessage: null as ((event: MessageEvent<BatchRequest>) => void) | null,
    postMessage: (data: BatchAnswer) => void outside.onmessage?.(new MessageEvent("message", { data })),
  };
  const outside: LoaderWorker & { ended: boolean } = {
    ended: false,
    onmessage: null,
    onerror: null,
    terminate: () => outside.ended = true,
    postMessage(data) {
      asked.push(data.index);
      hold(data.index).then(() => inside.onmessage?.(new MessageEvent("message", { data })));
    },
  };
  serveBatches(inside, draw);
  return { worker: outside, asked };
}

Deno.test("createLoader() returns batches in order from a position on, whichever worker responds first", async () => {
  const slow = Promise.withResolvers<void>();
  const a = pairOfPorts(batchOf, () => slow.promise), b = pairOfPorts(batchOf);
  const loader = createLoader([a.worker, b.worker], 4);
  const got = [4, 5, 6, 7, 8].map(() => loader.next());
  slow.resolve();
  equal((await Promise.all(got)).map(({ index }) => index), [4, 5, 6, 7, 8]);
  loader.close();
  ok(a.worker.ended && b.worker.ended);
});

Deno.test("createLoader() requests a bounded number of batches ahead", async () => {
  const { worker, asked } = pairOfPorts(batchOf);
  const loader = createLoader([worker], 0);
  await Promise.resolve();
  equal(asked, [0, 1]);
  await loader.next();
  equal(asked, [0, 1, 2]);
  await loader.next();
  equal(asked, [0, 1, 2, 3]);
  loader.close();
});

Deno.test("createLoader() rejects all batches after the error of a worker", async () => {
  const { worker } = pairOfPorts((index) => {
    if (index === 1) throw new JobError("clip a.rgb is truncated");
    return batchOf(index);
  });
  const loader = createLoader([worker], 0);
  await loader.next().catch(() => {});
  await rejects(() => loader.next(), (error) => error instanceof JobError && /a\.rgb/.test(error.message));
  await rejects(() => loader.next(), JobError);
  loader.close();
});

Deno.test("createLoader() measures the time spent waiting", async () => {
  const { now } = performance;
  let time = 1000;
  performance.now = () => time;
  try {
    const gate = Promise.withResolvers<void>();
    const { worker } = pairOfPorts(batchOf, () => gate.promise);
    const loader = createLoader([worker], 0);
    time += 10;
    const next = loader.next();
    time += 30;
    gate.resolve();
    await next;
    equal(loader.waiting(), 0.75);
    time += 10;
    equal(loader.waiting(), 0);
    loader.close();
  } finally {
    performance.now = now;
  }
});
