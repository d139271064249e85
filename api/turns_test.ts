import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { PairEngine, PairJob } from "@slomo/core";
import { EngineTurns } from "./turns.ts";

/** An engine that records its jobs. */
function recorded() {
  const times: number[] = [];
  const engine: PairEngine = {
    ...{ backend: "fake", device: "none", parallel: 1 },
    run(job) {
      times.push(...job.times);
      return Promise.resolve({ images: [], timing: {} });
    },
    close: () => Promise.resolve(),
  };
  return { engine, times };
}

const job = (time: number) => ({ times: [time] }) as unknown as PairJob;

Deno.test("EngineTurns lets the engine compute the segment that was begun first, then the next one", async () => {
  const { engine, times } = recorded(), turns = new EngineTurns();
  const [first, second, third] = [turns.take(engine), turns.take(engine), turns.take(engine)];
  const later = [third.engine.run(job(0.3)), second.engine.run(job(0.2))];
  await first.engine.run(job(0.1));
  // A segment that fails before its turn does not let the next one pass.
  third.end();
  equal(times, [0.1]);
  first.end();
  await later[1];
  equal(times, [0.1, 0.2]);
  second.end();
  await later[0];
  equal(times, [0.1, 0.2, 0.3]);
});

Deno.test("EngineTurns stops to wait when the signal aborts", async () => {
  const { engine, times } = recorded(), turns = new EngineTurns(), stop = new AbortController();
  turns.take(engine);
  const waiting = turns.take(engine).engine.run(job(0.2), stop.signal);
  stop.abort(new Error("stopped"));
  await rejects(waiting, /stopped/);
  equal(times, []);
});
