import { deepStrictEqual as equal, ok } from "node:assert/strict";
import type { Frame } from "../contracts/frame.ts";
import { rational } from "../time/rational.ts";
import { blendingEngine, flat, memoryMedia } from "./_testing.ts";
import { prepareJob } from "./prepare_job.ts";
import { type JobEvent, runJob } from "./run_job.ts";

/** Returns the totals that a job reports for a source with frames at `times` in 1/100 s, and a header of `stated` frames at 25 Hz. */
async function totals(times: readonly number[], stated: number | undefined): Promise<(number | undefined)[]> {
  const { media } = memoryMedia({ levels: times });
  const timebase = rational(1, 100);
  async function* frames(): AsyncGenerator<Frame> {
    for (const time of times) yield { pts: BigInt(time), timebase, duration: 4n, image: flat(time % 200), facts: {} };
  }
  const opened = await media.source!.open("in");
  const video = { ...opened.info.video, timebase, frames: stated, duration: rational(times.at(-1)! + 4, 100) };
  const source = {
    ...media.source!,
    open: () => Promise.resolve({ ...opened, info: { ...opened.info, video }, frames }),
  };
  const sampling = { kind: "factor" as const, factor: rational(2) };
  const options = { input: "in", output: "out", frames: { sampling, cuts: false as const } };
  await using job = await prepareJob(options, [{ ...media, source }]);
  const found: JobEvent[] = [];
  await runJob(job, blendingEngine(), { onEvent: (event) => found.push(event) });
  return found.flatMap((event) => event.type === "frame" ? [event.total] : []);
}

const EVEN = Array.from({ length: 50 }, (_, i) => 4 * i);

Deno.test("runJob() reports a total that does not change for a constant rate", async () => {
  for (const stated of [50, undefined]) equal(new Set(await totals(EVEN, stated)), new Set([100]));
});

Deno.test("runJob() corrects the total of a variable rate by timestamps, and at the end", async () => {
  // The header states 25 frames per second; the second half has 5.
  const times = [...EVEN, ...Array.from({ length: 10 }, (_, i) => 200 + 20 * i)];
  const found = await totals(times, undefined);
  equal([found[0], found.at(-1)], [192, 120]);
  ok(found[99]! === 192 && found[110]! < 160 && found[118]! < 130, `${found[110]}, ${found[118]}`);
  equal((await totals(EVEN.slice(5), 50)).at(-1), 90);
  equal((await totals(EVEN, 45)).at(-1), 100);
});
