/**
 * Measures the CPU time of the shapes of the networks, untrained, on the graph runtime in one thread:
 * `deno run -A bench/shapes.ts [SIZE [SHAPE ...]]`. Shapes run in turn; times are the shortest of several rounds.
 */
import { BACKENDS } from "@slomo/slomo/backends";
import { chooseBackend } from "@slomo/engine";
import process from "node:process";
import { runtimeForward } from "./backends/graph_runtime.ts";
import { createModel } from "./backends/model.ts";
import { SHAPES } from "./shapes/shapes.ts";

const ROUNDS = 6;
const [size = "864x480", ...asked] = Deno.args, [columns = 0, rows = 0] = size.split("x").map(Number);
const names = asked.length > 0 ? asked : Object.keys(SHAPES);

// `cpu` draws the parameters.
await chooseBackend("cpu", "train", {}, BACKENDS);
const models = new Map(names.map((name) => [name, createModel(SHAPES[name]!)]));
const { backend } = await chooseBackend("onnx", "interpolate", {}, BACKENDS);
const runs = new Map<string, () => Promise<void>>();
for (const [name, model] of models) runs.set(name, await runtimeForward(backend, model, rows, columns));

const cpu = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
const shortest = new Map<string, number>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, run] of runs) {
    const begun = cpu();
    await run();
    // The first round optimizes the graphs.
    if (round > 0) shortest.set(name, Math.min(shortest.get(name) ?? Infinity, cpu() - begun));
  }
}

console.log(`CPU milliseconds for one pair and one frame of ${size}, in one thread.\n`);
console.log("| shape | CPU ms | ratio | millions of parameters |\n| --- | --- | --- | --- |");
const [first] = shortest.values();
for (const [name, time] of shortest) {
  const { flow, interpolator } = models.get(name)!;
  const count = [...flow.parameters, ...interpolator.parameters].reduce(
    (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
  console.log(`| ${name} | ${time.toFixed(0)} | ${(time / first!).toFixed(2)} | ${(count / 1e6).toFixed(1)} |`);
}
await backend.close();
Deno.exit(0);
