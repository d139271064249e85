import type { NamedTensor } from "./tensors.ts";
import type { WeightsFacts } from "./weights.ts";

/** A model file of another program, with its own names of tensors. */
export interface ModelFile {
  /** File format. */
  readonly format: "safetensors" | "torch" | "keras" | "npz" | "tfjs" | "onnx";
  /** Name of the file, for errors. */
  readonly location: string;
  /** Metadata of the file; empty for formats without metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Type of all numbers in the file, or the type to write them in. */
  readonly precision: "F16" | "F32";
  /** Readers of the tensors, by name. Names of nested dictionaries are joined by points: `state_dict.conv1.weight`. */
  readonly tensors: ReadonlyMap<string, () => NamedTensor>;
}

/** Weights of one part, converted from a {@linkcode ModelFile}. */
export interface ImportedWeights {
  /** Options of the part that the weights need; a weights file records them. Absent for a loss. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Tensors by their names in a weights file: a {@linkcode ParameterSpec}'s name after `flow.`, `interpolation.` or the
   * prefix of the loss. Convolution filters are HWIO.
   */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Range of pixels, mean, training and license, as in {@linkcode WeightsFacts}. */
  readonly facts: Pick<WeightsFacts, "pixelRange" | "mean" | "training" | "license">;
}

/** Converts the weights of one part from the model files of another program. */
export interface WeightsImporter {
  /** The models that it converts, for help and errors: `checkpoints of the authors' PyTorch code`. */
  readonly description: string;
  /**
   * Converts the part's weights. Recognizes a file by the names of its tensors or by its metadata, and reads only the
   * tensors that it needs.
   *
   * @returns `undefined` for a file that it does not recognize.
   * @throws {UsageError} If it recognizes the file, but the part does not implement that network.
   */
  convert(file: ModelFile): ImportedWeights | undefined;
}
