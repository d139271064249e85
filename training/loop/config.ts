import { z } from "zod";
import type { LossChoice } from "@slomo/core/manifest";
import type { AugmentOptions } from "../data/augment.ts";
import type { CropChoice } from "../data/batch.ts";
import type { AdamOptions } from "@slomo/engine";
import type { Schedule } from "./schedule.ts";

/** Pyramid at which a step estimates flow, and how often. */
export interface PyramidChoice {
  /** Resolution scales relative to the frame size, for the option that the flow estimator names as `pyramidOption`. */
  readonly scales: readonly number[];
  /** Relative probability of this pyramid. */
  readonly weight: number;
}

/** Configuration of a training run. The same configuration, data and backend give the same weights. */
export interface TrainConfig {
  /** Preset that supplies values not set here; parts have options for it too. */
  readonly preset: string;
  /** Seed of all random numbers. */
  readonly seed: number;
  /** Data sources: `synthetic` and folders of data sets, each with a weight, such as `synthetic:0.4`. */
  readonly data: readonly string[];
  /** Number of steps. */
  readonly steps: number;
  /** Options of the networks. They override those of the manifest, of the preset, and of the weights in `from`. */
  readonly model: {
    readonly flowEstimator: Readonly<Record<string, unknown>>;
    readonly interpolator: Readonly<Record<string, unknown>>;
  };
  /** Weights file to start from; `null` starts from random weights. */
  readonly from: string | null;
  /** Whether to derive the initial weights from those of `from` with the part's `adapt`, where `model` sets other options. */
  readonly adapt: boolean;
  /** Pyramids to draw from at each step, for a coarse-to-fine flow estimator; an empty list keeps its own. */
  readonly flowLevels: readonly PyramidChoice[];
  /** Factor of the losses at the coarser pyramid levels, 0 or more. */
  readonly coarseLossWeight: number;
  /** Losses; `null` takes those of the manifest, or those of the preset if the manifest has none. */
  readonly losses: readonly LossChoice[] | null;
  /** Crop sizes. Each times each scale of `flowLevels` must be a multiple of 32. */
  readonly crops: readonly CropChoice[];
  /** Ground-truth frames per sample, 1 to 7. */
  readonly targets: number;
  /** Distances in a clip between the two outer frames of a sample, in frames. */
  readonly gaps: readonly number[];
  /** Size of the region of a clip relative to the crop size: above 1 is scaled down, below 1 scaled up. */
  readonly scales: readonly number[];
  /** Mean translation of synthetic layers relative to the crop size. */
  readonly translation: number;
  /** Augmentations of samples. */
  readonly augment: AugmentOptions;
  /** Batches whose gradients are accumulated for one step. */
  readonly accumulate: number;
  /** Gradient clipping: largest global norm of the gradients; `null` does not clip. */
  readonly clipNorm: number | null;
  /** Options of AdamW. */
  readonly optimizer: AdamOptions;
  /** Learning-rate schedule. */
  readonly schedule: Schedule;
  /** Decay of the EMA of the weights, in [0, 1). */
  readonly ema: number;
  /** Number format of the operands of convolutions, if the backend supports it; weights and gradients are float32. */
  readonly precision: "float32" | "bfloat16";
  /** Steps between reports, between validations, and between checkpoints. */
  readonly every: { readonly report: number; readonly validate: number; readonly checkpoint: number };
  /** Number and size of the validation samples, which are the same in every run. */
  readonly validation: { readonly samples: number; readonly size: number };
}

const share = z.number().min(0).max(1);
const count = z.int().min(1);
const side = count.multipleOf(32);
const record = z.record(z.string(), z.unknown());
const schedule = { rate: z.number().positive(), warmup: z.int().min(0) };

/** Schema of {@linkcode TrainConfig}. */
export const trainConfigSchema: z.ZodType<TrainConfig> = z.strictObject({
  preset: z.string().default("recipe"),
  seed: z.int(),
  data: z.array(z.string().min(1)).min(1),
  steps: count,
  model: z.strictObject({ flowEstimator: record, interpolator: record }),
  from: z.string().nullable(),
  adapt: z.boolean().default(false),
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
}).superRefine(({ gaps, targets, crops, flowLevels, adapt, from }, context) => {
  if (adapt && from === null) {
    context.addIssue({
      code: "custom",
      path: ["adapt"],
      message: "there are no weights to adapt; name them in `from`",
    });
  }
  const short = gaps.find((gap) => gap <= targets);
  if (short !== undefined) {
    context.addIssue({
      code: "custom",
      path: ["gaps"],
      message: `a gap of ${short} is too short for ${targets} target frames`,
    });
  }
  for (const { size } of crops) {
    for (const { scales } of flowLevels) {
      if (scales.every((scale) => size * scale % 32 === 0)) continue;
      const message = `${size} at the scales [${scales.join(", ")}] does not give multiples of 32 only`;
      context.addIssue({ code: "custom", path: ["crops"], message });
    }
  }
});
