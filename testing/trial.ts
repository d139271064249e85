import type * as tf from "@tensorflow/tfjs-core";
import type { NamedTensor, Parameters, ParameterSpec } from "@slomo/core";

/** Tensors by name. */
export type Named = Readonly<Record<string, tf.Tensor>>;

/** Numbers by name. */
export type Numbers = Readonly<Record<string, NamedTensor>>;

/** What a part is given. */
export interface Shape {
  /** Members of the batch. */
  readonly batch: number;
  /** Rows, a multiple of what the part asks for. */
  readonly height: number;
  /** Pixels a row. */
  readonly width: number;
}

/** A part as the kit sees it: named tensors in, named tensors out. */
export interface Trial {
  /** Slot and name, for messages. */
  readonly name: string;
  /** The parameters that it needs. */
  readonly specs: readonly ParameterSpec[];
  /** Height and width must be multiples of this. */
  readonly multiple: number;
  /** Numbers for it, the same for the same seed. */
  inputs(shape: Shape, seed: number): Numbers;
  /** Calls it. What it returns is handed on as it is. */
  call(parameters: Parameters, inputs: Named): unknown;
  /** Names the tensors of what {@linkcode call} returned. */
  outputs(result: unknown): Named;
  /**
   * Checks shapes and values.
   *
   * @throws {Error} If they are not as the contract says.
   */
  verify(outputs: Numbers, shape: Shape): void;
  /** Inputs in which it must be differentiable, beside its parameters. */
  readonly moving: readonly string[];
  /** Whether the output of a batch is the mean of its members' rather than their concatenation. */
  readonly isMean: boolean;
  /** Inputs of which one may serve a whole batch of the others. */
  readonly shareable: readonly string[];
  /** First word of the parameters' names in a weights file. */
  readonly prefix: string;
}
