/** What a codec is tried on: at least one of `write` and `sample`. */
export interface CodecTrial {
  /**
   * A location within a folder that the codec writes to, for example `${folder}/film.mkv`. Absent from a codec that only
   * reads.
   */
  readonly write?: ((folder: string) => string) | undefined;
  /**
   * Makes a sample within a folder and returns its location: 4 frames or more at a constant rate. Absent from a codec that
   * reads what it writes.
   */
  readonly sample?: ((folder: string) => Promise<string>) | undefined;
  /** Whether frames come back as they were written, to the bit. @default {false} */
  readonly lossless?: boolean | undefined;
}
