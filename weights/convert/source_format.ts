import type { WeightsFacts } from "@slomo/core";
import type { Precision } from "../header.ts";
import type { NamedTensor } from "@slomo/core";

/** A model in slomo's terms: what a weights file will say and hold. */
export interface ConvertedModel {
  /** What the file will say of itself. */
  readonly facts: WeightsFacts;
  /** The tensors by slomo's names; filters HWIO. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Type of the numbers in the source. */
  readonly precision: Precision;
}

/** Reads a file beside the model's, by its name. Rejects with a {@linkcode UsageError} if it is not there. */
export type ReadSibling = (name: string) => Promise<Uint8Array>;

/** A kind of file that can be made into a weights file. */
export interface SourceFormat {
  /** What it is, for people. */
  readonly description: string;
  /** Whether these bytes are of this kind; cheap, never throws. */
  accepts(bytes: Uint8Array): boolean;
  /**
   * Reads the model.
   *
   * @param location Name of the file for errors.
   * @param sibling Reads the other files of a model that is more than one.
   * @throws {UsageError} If it is of a kind that slomo's networks cannot be.
   * @throws {JobError} If it is truncated or damaged.
   */
  read(bytes: Uint8Array, location: string, sibling: ReadSibling): ConvertedModel | Promise<ConvertedModel>;
}
