import type { PartDefinition, SlotName } from "@slomo/core";
import type { CaseName, ConformanceOptions } from "../options.ts";
import type { Shape, Trial } from "../trial.ts";

/** A part that is tried. */
export interface TrialSubject {
  /** How the plugin offers it. */
  readonly definition: PartDefinition;
  /** What the kit is told of it. */
  readonly options: ConformanceOptions;
  /** Makes it anew. */
  readonly make: () => Trial;
}

/** A case of a kind of part. */
export interface CaseDefinition {
  /** What it looks at. */
  readonly id: CaseName;
  /** What the part should do, to follow its name. */
  readonly sentence: string;
  /** Slots that it is for. */
  readonly slots: readonly SlotName[];
  /** Whether a part has what the case looks at. @default {yes} */
  readonly applies?: ((trial: Trial) => boolean) | undefined;
  /** Why a part is left out, where it says that it does not do this. */
  readonly leftOut?: ((definition: PartDefinition) => string | undefined) | undefined;
  /** @throws {Error} If the part does otherwise. */
  run(subject: TrialSubject): Promise<void>;
}

/** The slots whose parts compute with tensors. */
export const TENSOR_SLOTS: readonly SlotName[] = ["flowEstimator", "interpolator", "warp", "loss"];

/** Frames of the least size that is a multiple of what the part asks for, and at least as large. */
export function shapeFor({ multiple }: Trial, batch: number, height: number, width: number): Shape {
  const raise = (size: number) => Math.ceil(size / multiple) * multiple;
  return { batch, height: raise(height), width: raise(width) };
}

/** A size at which most is tried: odd, small, and not square. */
export function smallShape(trial: Trial, batch = 1): Shape {
  return shapeFor(trial, batch, 9, 14);
}
