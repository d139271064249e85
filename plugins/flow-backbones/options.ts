import { z } from "zod";

/** Largest factor of the paper's channel counts; 4 is sixteen times its parameters. */
const WIDEST = 4;

const kernel = (size: number) =>
  z.int().min(1).max(15).refine((value) => value % 2 === 1, { error: "must be odd" }).default(size);

/** Options that both UNets have. */
export interface UNetOptions {
  /** Factor of the paper's channel counts. @default {1} */
  readonly width: number;
  /** Kernel size of the first hierarchy, odd. @default {7} */
  readonly firstKernel: number;
  /** Kernel size of the second hierarchy, odd. @default {5} */
  readonly secondKernel: number;
  /** The network sees and gives flow in units of this many pixels. @default {1} */
  readonly flowScale: number;
  /** `leakyRelu` puts one, of slope 0.1, on all outputs of the network; it damps negative flow. @default {"linear"} */
  readonly flowActivation: "linear" | "leakyRelu";
}

/** Checks of {@linkcode UNetOptions}, for the parts' schemas. */
export const unetOptions = {
  width: z.number().positive().max(WIDEST).default(1),
  firstKernel: kernel(7),
  secondKernel: kernel(5),
  flowScale: z.number().positive().default(1),
  flowActivation: z.enum(["linear", "leakyRelu"]).default("linear"),
};

/** Those that belong to the weights: they decide shapes, or what the numbers mean. */
export const unetArchitecture: readonly string[] = Object.keys(unetOptions);
