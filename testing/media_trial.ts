import type { PixelFormat } from "@slomo/core";

/** What a codec is tried on: `write`, `sample`, or both. */
export interface MediaTrial {
  /**
   * A location within a folder that the codec writes to, for example `${folder}/video.mkv`. Absent from a codec that only
   * reads.
   */
  readonly write?: ((folder: string) => string) | undefined;
  /**
   * Makes a video of four frames or more at a constant rate, within a folder or out of nothing, and returns its location.
   * Absent where the codec reads what it writes.
   */
  readonly sample?: ((folder: string) => Promise<string>) | undefined;
  /** Whether frames come back as they were written, to the bit. @default {false} */
  readonly lossless?: boolean | undefined;
  /** Layout of the frames that are written. @default {RGB of 8 bits} */
  readonly format?: PixelFormat | undefined;
}
