/**
 * Measures the speed of training: `deno run -A bench/train.ts [--size 128] [--batch 8] [--steps 8] [--rounds 3]
 * [--backends tensorflow] [--python PYTHON] [--long 1000]`. The recipe's step at width 0.5 and one flow level, in turns
 * with the same step in PyTorch, if PYTHON has torch and safetensors; then a run of `--long` steps with its loader:
 * waiting and memory.
 */
import { parseOptions } from "../scripts/_options.ts";
import type { Duration, StepTimes } from "./train/case.ts";
import { measurePytorch, measureRun, measureStep } from "./train/steps.ts";

const { values: options } = parseOptions(Deno.args, {
  size: { kind: "text", value: "N", help: "Pixels a side of the samples" },
  batch: { kind: "text", value: "N", help: "Samples a batch" },
  steps: { kind: "text", value: "N", help: "Steps in a turn; the best one counts" },
  rounds: { kind: "number", min: 1, max: 100, value: "N", help: "How often each has its turn" },
  backends: { kind: "text", value: "LIST", help: "Backends, with commas between; a precision follows a colon" },
  python: { kind: "path", value: "PATH", help: "A Python with torch and safetensors" },
  long: { kind: "text", value: "N", help: "Steps of the run with a loader; 0 for none" },
});
const { size = "128", batch = "8", steps = "8", backends = "tensorflow,tensorflow:bfloat16", python } = options;
const { rounds = 3, long = "1000" } = options;
const samples = { size, batch, steps };

const ours: Record<string, StepTimes[]> = {}, torch: Duration[] = [];
for (let round = 0; round < rounds; round++) {
  for (const backend of backends.split(",")) (ours[backend] ??= []).push(await measureStep(backend, samples));
  if (python !== undefined) torch.push(await measurePytorch(python, samples));
}

const best = (times: readonly Duration[], by: keyof Duration) => Math.min(...times.map((time) => time[by]));
const both = (times: readonly Duration[]) => `${best(times, "wall").toFixed(0)} / ${best(times, "cpu").toFixed(0)}`;
console.log(`${batch} samples of ${size}², minimum of ${rounds} rounds; ms of wall time / CPU time of all cores\n`);
console.log(
  "| | step | samples/s | GFLOP/s | share of the rate of forward passes | CPU time relative to PyTorch, by round |",
);
console.log("| --- | --- | --- | --- | --- | --- |");
for (const [name, cases] of Object.entries(ours)) {
  const step = cases.map((one) => one.step), forward = cases.map((one) => one.forward), { gflop } = cases[0]!;
  // Gradients with respect to inputs and filters cost as much as two forward passes.
  const work = 3 * gflop, share = 3 * best(forward, "cpu") / best(step, "cpu");
  const ratios = torch.map(({ cpu }, round) => (step[round]!.cpu / cpu).toFixed(2)).join(", ");
  const rate = (1000 * Number(batch) / best(step, "wall")).toFixed(1),
    speed = (1000 * work / best(step, "wall")).toFixed(0);
  console.log(`| ${name} | ${both(step)} | ${rate} | ${speed} | ${share.toFixed(2)} | ${ratios} |`);
}
if (torch.length > 0) {
  console.log(
    `| PyTorch float32 | ${both(torch)} | ${(1000 * Number(batch) / best(torch, "wall")).toFixed(1)} | | | |`,
  );
}

if (long !== "0") {
  const [backend = ""] = backends.split(",");
  const { waiting, memory } = await measureRun(backend, { ...samples, steps: long });
  const mebibytes = memory.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(", ");
  console.log(
    `\n${long} steps on ${backend} with a loader: ${(100 * waiting).toFixed(1)} % of the time spent waiting;`,
  );
  console.log(`resident memory after each tenth, MiB: ${mebibytes}`);
}
