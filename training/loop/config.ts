import { z } from "zod";
import type { LossChoice } from "@slomo/core/manifest";
import type { AugmentOptions } from "../data/augment.ts";
import type { CropChoice } from "../data/batch.ts";
import type { AdamOptions } from "@slomo/engine";
import type { Schedule } from "./schedule.ts";

/** Levels at which a step estimates flow, and how often. */
export interface PyramidChoice {
  /** Sizes over the frames' size, for the option that the flow estimator names for them. */
  readonly scales: readonly number[];
  /** How often they are drawn beside the others. */
  readonly weight: number;
}

/** All that decides a training run. The same configuration, data and backend give the same weights. */
export interface TrainConfig {
  /** Where values come from that are not said; parts have options for it too. */
  readonly preset: string;
  /** Of everything that is drawn. */
  readonly seed: number;
  /** `synthetic` and folders of data sets, each with a weight: `synthetic:0.4`. */
  readonly data: readonly string[];
  /** Steps of the whole run. */
  readonly steps: number;
  /** Options of the networks, over those of the manifest, and of the preset or of the weights that training starts from. */
  readonly model: {
    readonly flowEstimator: Readonly<Record<string, unknown>>;
    readonly interpolator: Readonly<Record<string, unknown>>;
  };
  /** Weights file to start from, without its optimizer; `null` starts from nothing. */
  readonly from: string | null;
  /** Levels to draw from at each step, where the flow estimator goes by levels; none leaves its own. */
  readonly flowLevels: readonly PyramidChoice[];
  /** Factor of the losses at levels before the last one. */
  readonly coarseLossWeight: number;
  /** What is made small; `null` takes the manifest's, or where it has none the preset's. */
  readonly losses: readonly LossChoice[] | null;
  /** Sizes of samples. Flow levels must divide them into multiples of 32. */
  readonly crops: readonly CropChoice[];
  /** Ground-truth frames a sample, 1 to 7. */
  readonly targets: number;
  /** Frames of a clip from the first to the second of a sample. */
  readonly gaps: readonly number[];
  /** Sizes of regions of clips over the sample's size: above 1 is reduced, below 1 enlarged. */
  readonly scales: readonly number[];
  /** Mean translation of synthetic layers over the sample's size. */
  readonly translation: number;
  /** Changes made to samples. */
  readonly augment: AugmentOptions;
  /** Batches whose gradients are added up for one step. */
  readonly accumulate: number;
  /** The longest norm of the gradients; `null` leaves them. */
  readonly clipNorm: number | null;
  /** Of AdamW. */
  readonly optimizer: AdamOptions;
  /** Of the learning rate. */
  readonly schedule: Schedule;
  /** Memory of the average of the weights, in [0, 1). */
  readonly ema: number;
  /** Numbers that convolutions are multiplied in, where the backend can; weights and gradients are float32. */
  readonly precision: "float32" | "bfloat16";
  /** Steps between two reports, validations and checkpoints. */
  readonly every: { readonly report: number; readonly validate: number; readonly checkpoint: number };
  /** What validation looks at: so many samples of this size, the same at every run. */
  readonly validation: { readonly samples: number; readonly size: number };
}

const share = z.number().min(0).max(1);
const count = z.int().min(1);
const side = count.multipleOf(32);
const record = z.record(z.string(), z.unknown());
const schedule = { rate: z.number().positive(), warmup: z.int().min(0) };

/** The one description of {@linkcode TrainConfig}. */
export const trainConfigSchema: z.ZodType<TrainConfig> = z.strictObject({
  preset: z.string().default("recipe"),
  seed: z.int(),
  data: z.array(z.string().min(1)).min(1),
  steps: count,
  model: z.strictObject({ flowEstimator: record, interpolator: record }),
  from: z.string().nullable(),
  flowLevels: z.array(z.strictObject({ scales: z.array(z.number().positive().max(1)), weight: z.number().positive() })),
  coarseLossWeight: z.number().min(0),
  losses: z.array(z.strictObject({ name: z.string(), weight: z.number().min(0), options: record.optional() })).min(1)
    .nullable(),
  crops: z.array(z.strictObject({ size: side, batch: count, weight: z.number().positive() })).min(1),
  targets: count.max(7),
  gaps: z.array(z.int().min(2)).min(1),
  scales: z.array(z.number().positive()).min(1),
  translation: z.number().positive(),
  augment: z.strictObject({ flipX: share, flipY: share, rotate: share, reverse: share, colors: share }),
  accumulate: count,
  clipNorm: z.number().positive().nullable(),
  optimizer: z.strictObject({
    beta1: share.lt(1),
    beta2: share.lt(1),
    epsilon: z.number().positive(),
    decay: z.number().min(0),
  }),
  schedule: z.discriminatedUnion("kind", [
    z.strictObject({ ...schedule, kind: z.literal("cosine"), floor: share }),
    z.strictObject({ ...schedule, kind: z.literal("steps"), at: z.array(share), factor: z.number().positive() }),
  ]),
  ema: share.lt(1),
  precision: z.enum(["float32", "bfloat16"]),
  every: z.strictObject({ report: count, validate: count, checkpoint: count }),
  validation: z.strictObject({ samples: count, size: side }),
}).superRefine(({ gaps, targets, crops, flowLevels }, context) => {
  const short = gaps.find((gap) => gap <= targets);
  if (short !== undefined) {
    context.addIssue({ code: "custom", path: ["gaps"], message: `a gap of ${short} has no ${targets} frames in it` });
  }
  for (const { size } of crops) {
    for (const { scales } of flowLevels) {
      if (scales.every((scale) => size * scale % 32 === 0)) continue;
      const message = `${size} at the scales [${scales.join(", ")}] is no multiple of 32 throughout`;
      context.addIssue({ code: "custom", path: ["crops"], message });
    }
  }
});
