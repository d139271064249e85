import type { PartDefinition, SlotName } from "@slomo/core";
import type { CaseName, ConformanceOptions } from "../options.ts";
import type { Shape, Trial } from "../trial.ts";

/** The part under test. */
export interface TrialSubject {
  /** Definition of the part in the plugin. */
  readonly definition: PartDefinition;
  /** Options of the kit. */
  readonly options: ConformanceOptions;
  /** Creates the part and its trial. */
  readonly make: () => Trial;
}

/** A conformance case of parts that compute with tensors. */
export interface CaseDefinition {
  /** Name of the case. */
  readonly id: CaseName;
  /** The requirement, as a predicate whose subject is the part. */
  readonly sentence: string;
  /** Slots that the case applies to. */
  readonly slots: readonly SlotName[];
  /** Returns whether the case applies to a part. @default {always} */
  readonly applies?: ((trial: Trial) => boolean) | undefined;
  /** Returns why the case is ignored, for a part that declares that it does not support this. */
  readonly ignoredBecause?: ((definition: PartDefinition) => string | undefined) | undefined;
  /** @throws {Error} If the part violates the requirement. */
  run(subject: TrialSubject): Promise<void>;
}

/** The slots whose parts compute with tensors. */
export const TENSOR_SLOTS: readonly SlotName[] = ["flowEstimator", "interpolator", "warp", "loss"];

/** Rounds a size up to the multiple that the part requires. */
export function shapeFor({ multiple }: Trial, batch: number, height: number, width: number): Shape {
  const raise = (size: number) => Math.ceil(size / multiple) * multiple;
  return { batch, height: raise(height), width: raise(width) };
}

/** Returns the size that most cases use: small, odd, and not square. */
export function smallShape(trial: Trial, batch = 1): Shape {
  return shapeFor(trial, batch, 9, 14);
}
