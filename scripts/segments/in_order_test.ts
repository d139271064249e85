import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { JobEvent } from "@slomo/core/video";
import { runInOrder } from "./in_order.ts";
import { segmentNumbers } from "./options.ts";

const { signal } = new AbortController();

const frame = (done: number): JobEvent => ({ type: "frame", done, interpolated: 0, total: 4 });

/** Yields numbers, and then waits until the signal aborts if there may be more. */
const numbersOf = (numbers: readonly number[]) =>
  async function* () {
    yield* numbers;
  };

Deno.test("runInOrder() begins a step near the end of the one before, and shows it after that", async () => {
  const seen: string[] = [], ends = [0, 1, 2].map(() => Promise.withResolvers<void>());
  await runInOrder(numbersOf([0, 1, 2]), {
    signal,
    async step(index, { onEvent }) {
      seen.push(`begins ${index}`);
      onEvent!(frame(1));
      if (index === 1) ends[0]!.resolve();
      if (index < 2) onEvent!(frame(4));
      if (index === 0) await ends[0]!.promise;
      return index;
    },
    reportOf: (index) => ({
      onEvent: (event) => seen.push(`shows ${index}: ${event.type === "frame" ? event.done : ""}`),
      onResult: (result) => seen.push(`ends ${result}`),
    }),
  });
  // Step 0 ends only after step 1 has begun.
  equal(seen, [
    ...["begins 0", "shows 0: 1", "shows 0: 4", "begins 1", "ends 0"],
    ...["shows 1: 1", "shows 1: 4", "ends 1", "begins 2", "shows 2: 1", "ends 2"],
  ]);
});

Deno.test("runInOrder() stops the next step, or the wait for its number, when a step fails", async () => {
  const stopped: number[] = [];
  const step = async (index: number, { signal, onEvent }: Parameters<Parameters<typeof runInOrder>[1]["step"]>[1]) => {
    onEvent!(frame(4));
    if (index === 1) {
      await new Promise<void>((resolve) => signal!.addEventListener("abort", () => resolve(), { once: true }));
      stopped.push(index);
    } else await new Promise((resolve) => setTimeout(resolve));
    throw new Error(`lost ${index}`);
  };
  const reportOf = () => ({ onEvent: () => {}, onResult: () => {} });
  await rejects(runInOrder(numbersOf([0, 1]), { signal, step, reportOf }), /lost 0/);
  equal(stopped, [1]);
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (to) => to.enqueue(new TextEncoder().encode("0\n")),
  });
  const numbers = (signal: AbortSignal) => segmentNumbers(["-"], { input, signal, work: "segments to make" });
  await rejects(runInOrder(numbers, { signal, step, reportOf }), /lost 0/);
});
