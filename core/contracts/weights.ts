/** The part that a weights file belongs to, and its architecture. */
export interface ArchitectureFacts {
  /** Name of the part, as in a manifest's `use`. */
  readonly name: string;
  /** Options that determine the shapes of the weights, or that they were trained with. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Description of a weights file, stored as JSON under the key `slomo` of the safetensors metadata. Code that runs networks
 * takes these facts from the file.
 */
export interface WeightsFacts {
  /** Version of this description, 1. */
  readonly version: 1;
  /** The flow estimator; its tensors are named `flow.*`. */
  readonly flowEstimator?: ArchitectureFacts | undefined;
  /** The interpolator; its tensors are named `interpolation.*`. */
  readonly interpolator?: ArchitectureFacts | undefined;
  /** Range of the pixel values that the networks take. */
  readonly pixelRange: readonly [number, number];
  /** Mean subtracted from each channel, in that range. */
  readonly mean: readonly [number, number, number];
  /** Data, schedule, steps and metrics of the training, for readers. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
  /** License of the weights. */
  readonly license?: string | undefined;
}
