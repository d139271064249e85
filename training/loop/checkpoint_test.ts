import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { JobError, UsageError } from "../../core/errors.ts";
import { openWeights } from "../../weights/weights_file.ts";
import { writeSafetensors } from "../../weights/write_safetensors.ts";
import { type Checkpoint, packCheckpoint, unpackCheckpoint } from "./checkpoint.ts";
import { PRESETS } from "./presets.ts";

const group = (offset: number) =>
  new Map([["flow.a", { shape: [2], values: Float32Array.of(offset, 1 / 3) }], ["flow.b", {
    shape: [1, 1],
    values: Float32Array.of(-offset),
  }]]);

const checkpoint: Checkpoint = {
  facts: {
    version: 1,
    config: PRESETS["recipe"]!,
    step: 12,
    batches: 24,
    optimizerSteps: 12,
    best: 31.5,
    backend: "cpu",
    weights: { version: 1, pixelRange: [0, 1], mean: [0, 0, 0] },
  },
  parameters: group(1),
  ema: group(2),
  means: group(1e-30),
  squares: group(4),
};

Deno.test("unpackCheckpoint() returns the input of packCheckpoint() bit for bit", () => {
  equal(unpackCheckpoint(packCheckpoint(checkpoint), "c"), checkpoint);
});

Deno.test("unpackCheckpoint() reads a checkpoint with old names, and notes them", () => {
  const { ema, clipNorm, coarseLossWeight, augment, flowLevels, adapt: _, ...rest } = checkpoint.facts.config;
  const { rotate, colors, ...probabilities } = augment;
  const config = {
    ...rest,
    average: ema,
    clip: clipNorm,
    levelWeight: coarseLossWeight,
    augment: { ...probabilities, turn: rotate, colours: colors },
    flowLevels: flowLevels.map(({ scales, weight }) => ({ levels: scales, weight })),
  };
  const tensors = new Map(
    (["parameters", "ema", "means", "squares"] as const).flatMap((name) =>
      [...checkpoint[name]].map(([key, tensor]) => [`${name === "ema" ? "average" : name}.${key}`, tensor] as const)
    ),
  );
  const facts = JSON.stringify({ ...checkpoint.facts, config }), notes: string[] = [];
  const bytes = writeSafetensors(tensors, { "slomo-train": facts }, "F32");
  equal(unpackCheckpoint(bytes, "c", (note) => void notes.push(note)), checkpoint);
  equal(notes, [
    "c: its names average, clip, levelWeight, augment.turn, augment.colours, flowLevels.levels are deprecated; " +
    "the next checkpoint has the present names",
  ]);
  unpackCheckpoint(packCheckpoint(checkpoint), "c", (note) => void notes.push(note));
  equal(notes.length, 1);
});

Deno.test("unpackCheckpoint() rejects truncated, random and other files", () => {
  const bytes = packCheckpoint(checkpoint);
  for (let end = 8; end < bytes.length; end += 97) throws(() => unpackCheckpoint(bytes.subarray(0, end), "c"), Error);
  throws(
    () => unpackCheckpoint(bytes.subarray(0, -1), "c.ckpt"),
    (e) => e instanceof JobError && /c\.ckpt/.test(e.message),
  );
  throws(() => unpackCheckpoint(Uint8Array.from({ length: 500 }, (_, i) => i * 37), "c"), UsageError);
  throws(() => unpackCheckpoint(writeSafetensors(new Map(), {}, "F32"), "c"), UsageError);
  throws(() => unpackCheckpoint(writeSafetensors(new Map(), { "slomo-train": "{" }, "F32"), "c"), {
    name: "JobError",
    message: /^c is damaged: its description is not JSON/,
  });
});

Deno.test("openWeights() says that a checkpoint is none of its files", () => {
  throws(() => openWeights(packCheckpoint(checkpoint), "c"), {
    name: "UsageError",
    message: /c is a checkpoint of a training run.* give best\.safetensors/,
  });
});
