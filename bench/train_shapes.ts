/**
 * Trains shapes of the networks alike, one after another in turns, from the shipped weights:
 * `deno run -A bench/train_shapes.ts OUT MINUTES SHAPE... -- DATA[:WEIGHT]...`. Each shape has its run in OUT/SHAPE, which
 * `deno task train` can resume too. Ctrl-C in a terminal, or SIGTERM, stops the run at hand after its step; the next start
 * continues all of them.
 */
import { fromFileUrl, join } from "@std/path";
import { SHAPES } from "./shapes/shapes.ts";

const STEPS = 6000;

/** Pyramids that steps draw from, for flow from ¼ and from ⅛. */
const PYRAMIDS = {
  quarter: [
    { scales: [0.25, 0.5], weight: 0.6 },
    { scales: [0.25, 0.5, 1], weight: 0.3 },
    { scales: [0.5], weight: 0.1 },
  ],
  eighth: [
    { scales: [0.125, 0.25, 0.5], weight: 0.6 },
    { scales: [0.125, 0.25, 0.5, 1], weight: 0.2 },
    { scales: [0.25, 0.5], weight: 0.2 },
  ],
};

const at = (path: string) => fromFileUrl(new URL(path, import.meta.url));

function configOf(name: string) {
  const model = SHAPES[name];
  if (model === undefined) {
    throw new TypeError(`there is no shape "${name}"; the shapes are ${Object.keys(SHAPES).join(", ")}`);
  }
  return {
    steps: STEPS,
    from: at("../models/slomo-half.safetensors"),
    adapt: true,
    model,
    flowLevels: name.endsWith("-eighth") ? PYRAMIDS.eighth : PYRAMIDS.quarter,
    crops: [{ size: 256, batch: 2, weight: 1 }, { size: 256, batch: 3, weight: 1 }],
    schedule: { kind: "cosine", rate: 2e-4, warmup: 100, floor: 0.02 },
  };
}

const middle = Deno.args.indexOf("--"), [out = "", minutes = "", ...names] = Deno.args.slice(0, middle);
const data = Deno.args.slice(middle + 1), milliseconds = 60_000 * Number(minutes);
if (middle < 0 || names.length === 0 || data.length === 0 || !(milliseconds > 0)) {
  throw new TypeError("usage: bench/train_shapes.ts OUT MINUTES SHAPE... -- DATA[:WEIGHT]...");
}
await Deno.mkdir(out, { recursive: true });
const stopping = new AbortController();
let running: Deno.ChildProcess | undefined;
// A terminal sends SIGINT to the run itself.
Deno.addSignalListener("SIGINT", () => stopping.abort());
Deno.addSignalListener("SIGTERM", () => {
  stopping.abort();
  stop();
});

/** Stops the run at hand. A second signal would end it without a checkpoint. */
function stop(): void {
  running?.kill("SIGTERM");
  running = undefined;
}

/** Trains a shape until its turn or the training is over. Returns whether the training is over. */
async function takeTurn(name: string): Promise<boolean> {
  const folder = join(out, name), config = join(out, `${name}.json`);
  const isBegun = await Deno.stat(join(folder, "checkpoint.safetensors")).then(() => true, () => false);
  if (!isBegun) await Deno.writeTextFile(config, JSON.stringify(configOf(name)));
  const begin = isBegun ? ["--resume"] : [...data, "--config", config, "--overwrite"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", at("../scripts/train.ts"), ...begin, "--out", folder, "--backend", "tensorflow"],
    stdin: "null",
  }).spawn();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    stop();
  }, milliseconds);
  running = child;
  const { success } = await child.status;
  running = undefined;
  clearTimeout(timer);
  const isStopped = isOver || stopping.signal.aborted;
  if (!success && !isStopped) throw new Error(`the training of ${name} failed`);
  return !isStopped;
}

let left: readonly string[] = names;
while (left.length > 0 && !stopping.signal.aborted) {
  const still: string[] = [];
  for (const name of left) {
    if (stopping.signal.aborted || !await takeTurn(name)) still.push(name);
  }
  left = still;
}
