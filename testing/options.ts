import type { PixelFormat, Plugin, SlotName } from "@slomo/core";

/** Names of all conformance cases. */
export const CASE_NAMES = [
  "options",
  "shapes",
  "dtype",
  "batches",
  "prepared",
  "leaks",
  "determinism",
  "gradients",
  "traces",
  "weights",
  "cancellation",
  "errors",
  "identity",
  "direction",
  "frames",
  "round trip",
  "excerpts",
  "half-written",
] as const;

/** Name of a conformance case. */
export type CaseName = typeof CASE_NAMES[number];

/** Options of the conformance kit. */
export interface ConformanceOptions {
  /** Name of the part to test. @default {all parts of the plugin for the slot} */
  readonly part?: string | undefined;
  /** Options of the part, as in a manifest; choose a small network. @default {{}} */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Backend that computes the ops. @default {"cpu"} */
  readonly backend?: string | undefined;
  /** Heights and widths of frames, each rounded up to the multiple that the part requires. @default {tiny, odd and even sizes} */
  readonly sizes?: readonly (readonly [height: number, width: number])[] | undefined;
  /** Cases to ignore, each with the reason, which the test's name includes. */
  readonly skip?: Readonly<Partial<Record<CaseName, string>>> | undefined;
  /** Locations and sample videos for a media handler. */
  readonly media?: MediaTrial | undefined;
}

/** A conformance case that can run by itself. */
export interface ConformanceCase {
  /** Name of the case. */
  readonly id: CaseName;
  /** A sentence with the slot, the part, and the requirement; and the reason, if the case is ignored. */
  readonly name: string;
  /** Whether to ignore the case. */
  readonly ignore: boolean;
  /**
   * Runs the case.
   *
   * @throws {Error} If the part violates its contract; the message says how.
   */
  run(): Promise<void>;
}

/** Arguments of the kit. */
export interface Subject {
  /** The slot. */
  readonly slot: SlotName;
  /** The plugin. */
  readonly plugin: Plugin;
  /** Options of the kit. */
  readonly options: ConformanceOptions;
}

/** Locations that a media handler is tested with: `write`, `sample`, or both. */
export interface MediaTrial {
  /**
   * Returns the location to write to within a folder, for example `${folder}/video.mkv`. Absent for a handler that only
   * reads.
   */
  readonly write?: ((folder: string) => string) | undefined;
  /**
   * Creates a video of four frames or more at a constant frame rate, in the folder or elsewhere, and returns its location.
   * Absent if the handler can read the files that it writes.
   */
  readonly sample?: ((folder: string) => Promise<string>) | undefined;
  /** Whether the frames that are read equal the written ones exactly. @default {false} */
  readonly lossless?: boolean | undefined;
  /** Pixel format of the written frames. @default {8-bit RGB} */
  readonly format?: PixelFormat | undefined;
}
