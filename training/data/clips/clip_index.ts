import { z } from "zod";
import { UsageError } from "@slomo/core";

/** Consecutive frames of one shot, as they lie in a file of a data set. */
export interface Clip {
  /** File beside the index: the frames one after the other, each row by row, R, G, B side by side, 8 bits. */
  readonly file: string;
  /** The video or folder that it was cut from. */
  readonly source: string;
  /** Which half of the data set it belongs to; all clips of a source belong to the same. */
  readonly split: "train" | "validation";
  /** Number of frames. */
  readonly frames: number;
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Frames a second of the source, `30000/1001`; `null` where it has none. */
  readonly rate: string | null;
  /** First frame in the source, counted from 0. */
  readonly start: number;
  /** Median over the clip of the mean difference between neighboring frames, in levels of 8 bit. */
  readonly motion: number;
}

/** Something that was left out, and why. */
export interface Skipped {
  /** Source, with the frames where it is a part of it. */
  readonly what: string;
  /** The reason. */
  readonly why: string;
}

/** A data set: `index.json`. */
export interface ClipIndex {
  /** Version of this description, 1. */
  readonly version: 1;
  /** How it was made. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The clips, by source and place. */
  readonly clips: readonly Clip[];
  /** What was left out. */
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

/** The one description of {@linkcode ClipIndex}. */
export const clipIndexSchema: z.ZodType<ClipIndex> = z.strictObject({
  version: z.literal(1),
  options: z.record(z.string(), z.unknown()),
  clips: z.array(clipSchema),
  skipped: z.array(z.strictObject({ what: z.string(), why: z.string() })),
});

/**
 * Reads the text of an index.
 *
 * @param location Name of the file for errors.
 * @throws {UsageError} If it is none.
 */
export function parseClipIndex(text: string, location: string): ClipIndex {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${location} is no JSON; make the data set anew with \`deno task dataset\``);
  }
  const result = clipIndexSchema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(
    `${location} is no index of clips: ${path.join(".") || "it"}: ${message}; make one with \`deno task dataset\``,
  );
}
