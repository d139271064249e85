/** Which plugin part a weights file was made for, and the options that decide its shapes. */
export interface ArchitectureFacts {
  /** Name of the part, as in a manifest's `use`. */
  readonly name: string;
  /** The options that decide shapes, and those the weights were trained for. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * What a weights file says of itself, kept as JSON under the key `slomo` of the safetensors metadata.
 * Code that calls the networks reads these facts and has none of its own.
 */
export interface WeightsFacts {
  /** Version of this description, 1. */
  readonly version: 1;
  /** The flow estimator; its tensors are named `flow.*`. */
  readonly flowEstimator?: ArchitectureFacts | undefined;
  /** The interpolator; its tensors are named `interpolation.*`. */
  readonly interpolator?: ArchitectureFacts | undefined;
  /** Range of pixels that the networks see. */
  readonly pixelRange: readonly [number, number];
  /** Mean subtracted from each channel, in that range. */
  readonly mean: readonly [number, number, number];
  /** Data, schedule, steps and figures, for people. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
  /** License of the weights. */
  readonly license?: string | undefined;
}
