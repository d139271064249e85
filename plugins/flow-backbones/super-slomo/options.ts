import type { MemoryEstimate, TrainingPreset } from "@slomo/core";
import { z } from "zod";
import { channelCounts, PAPER_CHANNELS, type UNetShape } from "./unet.ts";

/** Maximum factor of the paper's channel counts; 4 gives sixteen times the parameters. */
const WIDEST = 4;

/** Most hierarchies: eight halve a size by 128. */
const MOST_HIERARCHIES = 8, MOST_CHANNELS = 1024;

/** Schema of a kernel size, with a default. */
export const kernelOption = (size: number) =>
  z.int().min(1).max(15).refine((value) => value % 2 === 1, { error: "must be odd" }).default(size);

/** Schema of the channels of the hierarchies, with a default. */
export const channelOptions = (channels: readonly number[]) =>
  z.array(z.int().min(1).max(MOST_CHANNELS)).min(2).max(MOST_HIERARCHIES).default([...channels]);

/** Options of both UNets. */
export interface UNetOptions {
  /** Factor of the paper's channel counts, above 0 and at most 4. @default {1} */
  readonly width?: number | undefined;
  /**
   * Channels of the hierarchies at `width` 1, finest first; two to eight hierarchies of 1 to 1024 channels.
   * @default {[32, 64, 128, 256, 512, 512]}
   */
  readonly channels?: readonly number[] | undefined;
  /** Kernel size of the first hierarchy, odd and at most 15. @default {7} */
  readonly firstKernel?: number | undefined;
  /** Kernel size of the second hierarchy, odd and at most 15. @default {5} */
  readonly secondKernel?: number | undefined;
  /** Unit of flow in the input and output of the network, in pixels, above 0. @default {1} */
  readonly flowScale?: number | undefined;
  /** Activation of the outputs; `leakyRelu` has a slope of 0.1 and damps negative flow. @default {"linear"} */
  readonly flowActivation?: "linear" | "leakyRelu" | undefined;
}

/** Options with defaults filled in. */
export type Complete<O> = { readonly [K in keyof O]-?: Exclude<O[K], undefined> };

/** Schemas of {@linkcode UNetOptions}. */
export const unetOptions = {
  width: z.number().positive().max(WIDEST).default(1).describe("Factor of the paper's channel counts."),
  channels: channelOptions(PAPER_CHANNELS).describe(
    "Channels of the hierarchies at width 1, finest first; each hierarchy has half the size of the one before.",
  ),
  firstKernel: kernelOption(7).describe("Kernel size of the first hierarchy, odd."),
  secondKernel: kernelOption(5).describe("Kernel size of the second hierarchy, odd."),
  flowScale: z.number().positive().default(1).describe(
    "Unit of flow in the input and output of the network, in pixels.",
  ),
  flowActivation: z.enum(["linear", "leakyRelu"]).default("linear").describe(
    "Activation of the outputs of the network.",
  ),
};

/** Options of the networks under each training preset. */
export const unetPresets: Readonly<Record<string, TrainingPreset>> = {
  recipe: { options: { width: 0.5, flowScale: 20 } },
  paper: { options: { width: 1 } },
  quick: { options: { width: 0.25, flowScale: 20 } },
};

/** Bytes per pixel of the frames, flows and warped frames around a UNet, and of each channel at the size of the frames. */
const OUTER_BYTES = 160, BYTES_PER_CHANNEL = 40;

/**
 * Memory of one UNet pass: 800 bytes per pixel with 16 channels at the size of the frames, as measured with the shipped
 * model. Smaller hierarchies need less, unless they have many more channels.
 */
export function unetMemory(shape: Pick<UNetShape, "width" | "channels" | "reduction">): MemoryEstimate {
  const { reduction = 1 } = shape;
  const shares = channelCounts(shape).map((count, i) => count / (reduction * 2 ** i) ** 2);
  return { bytesPerPixel: OUTER_BYTES + BYTES_PER_CHANNEL * Math.max(...shares) };
}

/** Options that belong to the weights: they decide shapes or the meaning of the values. */
export const unetArchitecture: readonly string[] = Object.keys(unetOptions);
