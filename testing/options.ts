import type { Plugin, SlotName } from "@slomo/core";
import type { MediaTrial } from "./media_trial.ts";

/** What a case looks at, by name. */
export type CaseName =
  | "options"
  | "shapes"
  | "dtype"
  | "batches"
  | "leaks"
  | "determinism"
  | "gradients"
  | "traces"
  | "weights"
  | "cancellation"
  | "errors"
  | "identity"
  | "direction"
  | "frames"
  | "round trip"
  | "excerpts"
  | "half-written";

/** What the kit is told of a plugin. */
export interface ConformanceOptions {
  /** Name of the part that is tested. @default {all parts that the plugin has for the slot} */
  readonly part?: string | undefined;
  /** Options of the part, as a manifest gives them: take a small network. @default {{}} */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Backend that computes. @default {"cpu"} */
  readonly backend?: string | undefined;
  /** Heights and widths of frames, each raised to a multiple of what the part asks for. @default {tiny, odd and even ones} */
  readonly sizes?: readonly (readonly [height: number, width: number])[] | undefined;
  /** Cases that are left out, each with its reason, which stands in the test's name. */
  readonly skip?: Readonly<Partial<Record<CaseName, string>>> | undefined;
  /** Of a media handler: what it can be tried on. */
  readonly media?: MediaTrial | undefined;
}

/** One property of a part that can be tried by itself. */
export interface ConformanceCase {
  /** What it looks at. */
  readonly id: CaseName;
  /** A sentence: the slot, the part and what it should do; the reason, where it is left out. */
  readonly name: string;
  /** Whether it is left out. */
  readonly ignore: boolean;
  /**
   * Tries the part.
   *
   * @throws {Error} If the part does not do what the contract asks for: says what was seen.
   */
  run(): Promise<void>;
}

/** What the kit is called with. */
export interface Subject {
  /** The slot. */
  readonly slot: SlotName;
  /** The plugin. */
  readonly plugin: Plugin;
  /** What else is known of it. */
  readonly options: ConformanceOptions;
}
