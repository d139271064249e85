import { z } from "zod";
import { UsageError } from "@slomo/core";
import { type TrainConfig, trainConfigSchema } from "./config.ts";
import { renameOldSettings } from "./old_settings.ts";

/** Reaches 33.2 dB on Middlebury's pairs in two hours on two cores: see `docs/training.md`. */
const recipe: TrainConfig = {
  preset: "recipe",
  seed: 1,
  data: ["synthetic"],
  steps: 10_000,
  model: { flowEstimator: {}, interpolator: {} },
  from: null,
  adapt: false,
  flowLevels: [
    { scales: [1], weight: 0.15 },
    { scales: [0.5, 1], weight: 0.25 },
    { scales: [0.25, 0.5, 1], weight: 0.35 },
    { scales: [0.25, 0.5], weight: 0.25 },
  ],
  coarseLossWeight: 0.5,
  losses: null,
  crops: [{ size: 128, batch: 8, weight: 1 }, { size: 256, batch: 2, weight: 1 }, { size: 256, batch: 3, weight: 1 }],
  targets: 1,
  gaps: [2, 2, 2, 2, 3, 4],
  scales: [1, 1, 1, 1.5, 2],
  translation: 0.08,
  augment: { flipX: 0.5, flipY: 0.5, rotate: 0.5, reverse: 0.5, colors: 0.3 },
  accumulate: 1,
  clipNorm: 1,
  optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 1e-4 },
  schedule: { kind: "cosine", rate: 4e-4, warmup: 300, floor: 0.02 },
  ema: 0.999,
  precision: "float32",
  every: { report: 50, validate: 1000, checkpoint: 250 },
  validation: { samples: 200, size: 256 },
};

/** The paper's configuration, for 240-fps clips of at least nine frames. */
const paper: TrainConfig = {
  ...recipe,
  preset: "paper",
  steps: 200_000,
  flowLevels: [],
  crops: [{ size: 352, batch: 6, weight: 1 }],
  targets: 7,
  gaps: [8],
  scales: [1],
  augment: { flipX: 0.5, flipY: 0, rotate: 0, reverse: 0.5, colors: 0 },
  clipNorm: null,
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 },
  schedule: { kind: "steps", rate: 1e-4, warmup: 0, at: [0.4, 0.8], factor: 0.1 },
  ema: 0,
  validation: { samples: 16, size: 352 },
};

/** A result within minutes: small motion, which is learned quickly. Flow appears only after some hundred steps. */
const quick: TrainConfig = {
  ...recipe,
  preset: "quick",
  steps: 800,
  flowLevels: [{ scales: [1], weight: 1 }],
  crops: [{ size: 64, batch: 8, weight: 1 }],
  translation: 0.03,
  schedule: { kind: "cosine", rate: 6e-4, warmup: 50, floor: 0.02 },
  ema: 0.98,
  every: { report: 10, validate: 100, checkpoint: 100 },
  validation: { samples: 8, size: 64 },
};

/** Training presets by name. */
export const PRESETS: Readonly<Record<string, TrainConfig>> = { recipe, paper, quick };

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns `base` with the given values. Groups of settings are merged, except those of another `kind`. */
function mergeSettings(
  base: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = Object.entries(given).map(([name, value]) => {
    const before = base[name];
    const isSameKind = isGroup(before) && isGroup(value) && (value.kind ?? before.kind) === before.kind;
    return [name, isSameKind ? mergeSettings(before, value) : value];
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/**
 * Completes a configuration with the values of its preset.
 *
 * @param given JSON; its `preset` is one of {@linkcode PRESETS} (default: `recipe`).
 * @param location Name of the file, for errors and notes.
 * @param onNote Called once for each deprecated name of a setting.
 * @throws {UsageError} If a value is invalid; names its path.
 */
export function completeConfig(
  given: Readonly<Record<string, unknown>>,
  location: string,
  onNote: (note: string) => void = () => {},
): TrainConfig {
  const onRename = (old: string, name: string) => onNote(`${location}: ${old} is deprecated: rename it to ${name}`);
  const { preset = "recipe", $schema: _, ...values } = renameOldSettings(given, onRename) as typeof given;
  const base = typeof preset === "string" && Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
  if (base === undefined) {
    const names = Object.keys(PRESETS).join(", ");
    throw new UsageError(`${location}: preset must be one of ${names}, got ${JSON.stringify(preset)}`, {
      code: "invalid-config",
      option: "preset",
    });
  }
  const result = trainConfigSchema.safeParse(mergeSettings({ ...base }, values));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(`${location}: ${path.join(".") || "the configuration"}: ${message}`, { code: "invalid-config" });
}

/** Returns the JSON Schema of a configuration file, for editors. Every setting is optional. */
export function trainJsonSchema(): Readonly<Record<string, unknown>> {
  const { required: _, properties, ...schema } = z.toJSONSchema(trainConfigSchema, { io: "input" });
  const own = {
    $schema: { type: "string", description: "JSON Schema for editors." },
    preset: {
      type: "string",
      enum: Object.keys(PRESETS),
      default: "recipe",
      description: "Preset that supplies values not set here.",
    },
  };
  return { ...schema, properties: { ...own, ...properties } };
}
