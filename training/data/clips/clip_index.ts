import { z } from "zod";
import { UsageError } from "@slomo/core";

/** Consecutive frames of one shot, stored in a file of a data set. */
export interface Clip {
  /** File beside the index: the frames concatenated, each row by row, interleaved RGB of 8 bits. */
  readonly file: string;
  /** Video or folder of images that it was cut from. */
  readonly source: string;
  /** Split of the data set; all clips of a source belong to the same. */
  readonly split: "train" | "validation";
  /** Number of frames. */
  readonly frames: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Frame rate of the source in frames per second, `30000/1001`; `null` if it has none. */
  readonly rate: string | null;
  /** First frame in the source, counted from 0. */
  readonly start: number;
  /** Median over the clip of the mean difference between neighboring frames, in intensity levels (0–255). */
  readonly motion: number;
}

/** A source or a part of it that was left out. */
export interface Skipped {
  /** Source, with the range of frames if it is a part. */
  readonly what: string;
  /** The reason. */
  readonly why: string;
}

/** Index of a data set, `index.json`. */
export interface ClipIndex {
  /** Version of this description, 1. */
  readonly version: 1;
  /** Options of `deno task dataset`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Clips, by source and first frame. */
  readonly clips: readonly Clip[];
  /** Sources and parts that were left out. */
  readonly skipped: readonly Skipped[];
}

const clipSchema = z.strictObject({
  file: z.string(),
  source: z.string(),
  split: z.enum(["train", "validation"]),
  frames: z.int().min(1),
  width: z.int().min(1),
  height: z.int().min(1),
  rate: z.string().nullable(),
  start: z.int().min(0),
  motion: z.number(),
});

/** Schema of {@linkcode ClipIndex}. */
export const clipIndexSchema: z.ZodType<ClipIndex> = z.strictObject({
  version: z.literal(1),
  options: z.record(z.string(), z.unknown()),
  clips: z.array(clipSchema),
  skipped: z.array(z.strictObject({ what: z.string(), why: z.string() })),
});

/**
 * Parses the text of an index.
 *
 * @param location Name of the file, for errors.
 * @throws {UsageError} If it is not an index.
 */
export function parseClipIndex(text: string, location: string): ClipIndex {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${location} is not JSON; create the data set again with \`deno task dataset\``, {
      code: "invalid-dataset",
    });
  }
  const result = clipIndexSchema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(
    `${location} is not an index of clips: ${
      path.join(".") || "it"
    }: ${message}; create one with \`deno task dataset\``,
    { code: "invalid-dataset" },
  );
}
