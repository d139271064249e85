/**
 * Measures the queue. Needs a server of Redis or Valkey that nothing else uses.
 *
 * - `deno run -A bench/queue.ts simulate redis://127.0.0.1 [--workers 200] [--segments 10000] [--seconds 2]`: segments that only
 *   wait, beside the ideal time.
 * - `deno run -A bench/queue.ts operations redis://127.0.0.1 [--videos 500] [--segments 2000]`: operations a second.
 * - `deno run -A bench/queue.ts scale redis://127.0.0.1 [--workers 1,2,4] [--segments 2] [--size 320x180] [--model small]
 *   [--runs 1]`: real workers with one thread each beside one process with as many threads, in turns, on a video of some
 *   segments per worker. CPU times are those of the processes with their children.
 */
import { parseArgs } from "@std/cli/parse-args";
import { operations } from "./queue/operations.ts";
import { scale } from "./queue/scale.ts";
import { simulate } from "./queue/simulate.ts";

const { _: [verb, address], ...given } = parseArgs(Deno.args, { string: ["_", "workers", "size", "model"] });
const number = (name: string, usual: number) => Number(given[name] ?? usual), url = String(address);
if (verb === "simulate") {
  const options = { workers: number("workers", 200), segments: number("segments", 10_000) };
  await simulate(url, { ...options, seconds: number("seconds", 2) });
} else if (verb === "operations") {
  await operations(url, { videos: number("videos", 500), segments: number("segments", 2000) });
} else if (verb === "scale") {
  const [width, height] = (given.size ?? "320x180").split("x").map(Number) as [number, number];
  const workers = (given.workers ?? "1,2,4").split(",").map(Number), model = given.model ?? "small";
  await scale(url, { workers, segments: number("segments", 2), width, height, model, runs: number("runs", 1) });
} else console.error("give simulate, operations or scale, and the URL of a server; see the beginning of this file");
