import type { ModelFile, NamedTensor, WeightsFacts } from "@slomo/core";
import type { Precision } from "../header.ts";

/** A converted model: the description and the tensors of a weights file. */
export interface ConvertedModel {
  /** Description that the weights file records. */
  readonly facts: WeightsFacts;
  /** Tensors by slomo's names; filters HWIO. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Type of the numbers in the source. */
  readonly precision: Precision;
}

/** Reads a file beside the model's, by its name. Rejects with a {@linkcode UsageError} if it does not exist. */
export type ReadSibling = (name: string) => Promise<Uint8Array>;

/** A model file whose tensors can be read until it is closed. */
export interface OpenModelFile extends ModelFile {
  /** Frees the resources of the reader. Absent if it has none. */
  readonly close?: (() => void) | undefined;
}

/** A file format of models. */
export interface SourceFormat {
  /** Returns whether the bytes are in this format. Cheap, never throws. */
  accepts(bytes: Uint8Array): boolean;
  /**
   * Reads the names of the tensors, and prepares reading them.
   *
   * @param location Name of the file, for errors.
   * @param sibling Reads the other files of a model of several files.
   * @throws {UsageError} If it contains values that cannot be converted.
   * @throws {JobError} If it is truncated or damaged.
   */
  open(bytes: Uint8Array, location: string, sibling: ReadSibling): OpenModelFile | Promise<OpenModelFile>;
}
