import { deepStrictEqual as equal, notDeepStrictEqual as differ, ok, rejects } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { JobError, UsageError } from "../../core/errors.ts";
import { chooseBackend } from "../../engine/choose.ts";
import { registerGradients } from "../../engine/gradients.ts";
import { openWeights } from "../../weights/weights_file.ts";
import { unpackCheckpoint } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import type { Report, TrainEvent } from "./events.ts";
import { createLosses } from "./losses.ts";
import { createTrainNetworks } from "./networks.ts";
import { importTiny, TINY, tinyConfig, tinyLoader, tinyValidation } from "./_testing.ts";
import { train, type TrainJob } from "./train.ts";

const noFiles = () => Promise.reject(new UsageError("there are no files here"));

async function jobOf(config: TrainConfig, more: Partial<TrainJob> = {}): Promise<TrainJob> {
  await chooseBackend("wasm", "train");
  await registerGradients();
  const networks = await createTrainNetworks(TINY, config, undefined, importTiny);
  const { losses } = await createLosses(networks, config.losses, noFiles);
  const loader = tinyLoader(config, more.checkpoint?.facts.batches);
  return { config, networks, losses, loader, validation: tinyValidation(config), backend: "wasm", ...more };
}

async function run(job: TrainJob): Promise<TrainEvent[]> {
  return await Array.fromAsync(train(job));
}

const checkpoints = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => event.type === "checkpoint" ? [event.checkpoint] : []);
const reports = (events: readonly TrainEvent[]): Report[] =>
  events.flatMap((event) => event.type === "report" ? [event.report] : []);

Deno.test("train() minimizes the loss, reports, validates and writes weights", async () => {
  const config = tinyConfig({ steps: 60, every: { report: 15, validate: 60, checkpoint: 60 } });
  const events = await run(await jobOf(config)), losses = reports(events).map(({ losses }) => losses["total"]!);
  equal(losses.length, 4);
  ok(losses[3]! < losses[0]! / 2, `${losses}`);
  const weights = events.find((event) => event.type === "weights");
  ok(weights?.type === "weights" && weights.isBest);
  const { facts, tensors } = openWeights(weights.weights);
  equal(facts.flowEstimator?.name, "tiny");
  equal(facts.training?.["steps"], 60);
  equal([...tensors.keys()].sort(), ["flow", "interpolation"].flatMap((n) => [`${n}.layer.bias`, `${n}.layer.weight`]));
});

Deno.test("train() resumes from a checkpoint as if it had not stopped, to the bit", async () => {
  for (
    const more of [{ accumulate: 2 }, { targets: 3, gaps: [4] }, {
      crops: [{ size: 64, batch: 1, weight: 1 }],
      flowLevels: [{ scales: [1], weight: 1 }, { scales: [0.5, 1], weight: 2 }],
    }]
  ) {
    const config = tinyConfig(more), [middle, end] = checkpoints(await run(await jobOf(config)));
    const resumed = await run(await jobOf(config, { checkpoint: unpackCheckpoint(middle!, "c") }));
    equal(checkpoints(resumed).at(-1), end);
    differ(unpackCheckpoint(middle!, "c").parameters, unpackCheckpoint(end!, "c").parameters);
  }
});

Deno.test("train() is deterministic for a seed", async () => {
  const final = async (seed: number) => {
    const events = await run(await jobOf(tinyConfig({ seed })));
    return [...unpackCheckpoint(checkpoints(events).at(-1)!, "c").parameters];
  };
  equal(await final(1), await final(1));
  differ(await final(1), await final(2));
});

Deno.test("train() stops before a loss that is not finite changes the weights, naming step and batch", async () => {
  const config = tinyConfig({
    steps: 50,
    clipNorm: null,
    every: { report: 1, validate: 50, checkpoint: 1 },
    schedule: { kind: "cosine", rate: 1e25, warmup: 0, floor: 1 },
  });
  const kept: Uint8Array[] = [];
  await rejects(
    async () => {
      for await (const event of train(await jobOf(config))) {
        if (event.type === "checkpoint") kept.push(event.checkpoint);
      }
    },
    (error) =>
      error instanceof JobError &&
      /loss \([a-z, ]+\) is not finite at step \d+, batch \d+ \(2 × 32² from synthetic\)/.test(error.message) &&
      error.message.includes(`the checkpoint of step ${kept.length}`),
  );
  ok(kept.length > 0);
  const { parameters } = unpackCheckpoint(kept.at(-1)!, "c");
  ok([...parameters.values()].every(({ values }) => values.every(Number.isFinite)));
});

Deno.test("train() ends with a checkpoint when it is aborted", async () => {
  const stop = new AbortController(), events: TrainEvent[] = [];
  for await (const event of train(await jobOf(tinyConfig({ steps: 100 }), { signal: stop.signal }))) {
    events.push(event);
    if (event.type === "report") stop.abort();
  }
  equal(events.map(({ type }) => type), ["report", "checkpoint"]);
  equal(unpackCheckpoint(checkpoints(events)[0]!, "c").facts.step, 2);
});

Deno.test("train() leaves no tensors behind", async () => {
  const job = await jobOf(tinyConfig()), before = tf.memory().numTensors;
  await run(job);
  equal(tf.memory().numTensors, before);
});

Deno.test("train() refuses a checkpoint of other networks, naming a tensor", async () => {
  const [checkpoint] = checkpoints(await run(await jobOf(tinyConfig())));
  const { facts, parameters, ...rest } = unpackCheckpoint(checkpoint!, "c");
  const fewer = new Map([...parameters].slice(1)), job = await jobOf(tinyConfig());
  await rejects(
    () => run({ ...job, checkpoint: { facts, parameters: fewer, ...rest } }),
    (error) => error instanceof UsageError && /flow\.layer\.(bias|weight)" is missing/.test(error.message),
  );
});

Deno.test("createLosses() leaves out losses without weights files or flow, and refuses to train without losses", async () => {
  const networks = await createTrainNetworks(TINY, tinyConfig(), undefined, importTiny);
  const learned = { name: "learned", weight: 1 },
    square = { name: "square", weight: 2 },
    flow = { name: "flow", weight: 1 };
  const { losses, leftOut } = await createLosses(networks, [square, learned, flow], noFiles);
  equal(losses.map(({ name, weight }) => [name, weight]), [["square", 2], ["flow", 1]]);
  equal(leftOut, [{ name: "learned", why: "it needs a weights file and has none; buy some" }]);
  await rejects(() => createLosses(networks, [learned], noFiles), UsageError);
  const still = { ...networks, shipped: { ...networks.shipped, flowEstimator: undefined } };
  equal((await createLosses(still, [square, flow], noFiles)).leftOut, [
    { name: "flow", why: "it measures flow between the frames, and the networks estimate none" },
  ]);
});

Deno.test("createTrainNetworks() refuses options that contradict the weights to start from", async () => {
  const part = { name: "tiny", options: { width: 0.5 } };
  const facts = { version: 1, flowEstimator: part, interpolator: part, pixelRange: [0, 1], mean: [0, 0, 0] } as const;
  const config = tinyConfig({ model: { flowEstimator: { width: 1 }, interpolator: {} } });
  await rejects(
    () => createTrainNetworks(TINY, config, facts, importTiny),
    /width to 1, and the weights have 0\.5/,
  );
  const { facts: kept } = await createTrainNetworks(TINY, tinyConfig(), facts, importTiny);
  equal(kept.flowEstimator, part);
});
