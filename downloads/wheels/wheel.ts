import type { Wanted } from "../download.ts";

/** A wheel on PyPI, pinned by its hash, and its wanted members. */
export interface Wheel extends Wanted {
  /** Name of the project on PyPI. */
  readonly project: string;
  /** Version of the project. */
  readonly version: string;
  /** Members to unpack, by name. */
  readonly members: RegExp;
}
