import { JobError } from "@slomo/core";
import { type Rational, round } from "@slomo/core/time";
import { z } from "zod";
import { syncFile } from "@slomo/core/files";
import type { Finished, WorkKind } from "../../work_folder.ts";
import { fileArgument } from "../ffprobe.ts";
import type { FfmpegTools } from "../locate.ts";
import type { WriteJob } from "./write_job.ts";
import { processError, runProcess } from "../process.ts";
import { basename, join } from "@std/path";

/** Schema of a {@linkcode Segment}. */
export const segmentSchema = z.object({
  name: z.string().regex(/^[\w-]+\.part$/),
  frames: z.int().min(1),
  bytes: z.int().min(1),
  start: z.int(),
  parameters: z.string().optional(),
});

/** A finished segment of the video, in a separate file. */
export interface Segment {
  /** File name. */
  readonly name: string;
  /** Number of frames, at least 1. */
  readonly frames: number;
  /** Size in bytes. */
  readonly bytes: number;
  /** Timestamp of its first frame in microseconds, relative to the first frame of the video, or absolute in milliseconds' precision. */
  readonly start: number;
  /** Checksum of the decoder configuration; absent for the only segment of a video, which is joined with no other. */
  readonly parameters?: string | undefined;
}

async function findSegments(folder: string, segments: readonly Segment[]): Promise<Finished<readonly Segment[]>> {
  const intact: Segment[] = [];
  for (const segment of segments) {
    const stat = await Deno.stat(join(folder, segment.name)).catch(() => undefined);
    if (stat?.size !== segment.bytes) break;
    intact.push(segment);
  }
  return { done: intact, frames: intact.reduce((sum, { frames }) => sum + frames, 0) };
}

/** Segments as work to resume: those before the first whose file has another size than when it was written. */
export const SEGMENTS: WorkKind<readonly Segment[]> = { schema: z.array(segmentSchema), find: findSegments };

/** Pixels per segment, so that segments of large and small frames take similar time. */
const PIXELS = 400_000_000;

/** Returns the frames per segment by the frame size: each has its own encoder, and an interruption loses one segment. */
export function segmentFrames({ width, height }: { readonly width: number; readonly height: number }): number {
  return Math.min(500, Math.max(100, Math.round(PIXELS / (width * height))));
}

/** Rounds seconds to microseconds. */
export function micros({ num, den }: Rational): number {
  return Number(round({ num: num * 1_000_000n, den }));
}

/** Returns the checksum of the decoder configuration of a video; empty if the stream contains it. */
async function parametersOf({ ffprobe }: FfmpegTools, path: string, signal: AbortSignal | undefined): Promise<string> {
  const selection = ["-show_entries", "stream=extradata_hash", "-show_data_hash", "md5"];
  const output = await runProcess(ffprobe, ["-v", "error", ...selection, "-of", "json", fileArgument(path)], {
    signal,
  });
  if (output.code !== 0) throw processError(ffprobe, output, "checking a segment");
  const { streams } = JSON.parse(output.stdout) as {
    readonly streams?: readonly { readonly extradata_hash?: string }[];
  };
  if (streams?.length !== 1) {
    throw new JobError(`ffmpeg: cannot use a segment: there is no video in ${path}`, { code: "write-failed" });
  }
  return streams[0]!.extradata_hash ?? "";
}

/**
 * Checks the file of a finished segment and syncs it to the disk.
 *
 * @param isOnly Whether the video has no other segment.
 * @throws {JobError} If the file cannot be read.
 */
export async function sealSegment(
  { tools, container, options: { signal } }: WriteJob,
  path: string,
  { isOnly, ...facts }: Pick<Segment, "frames" | "start"> & { readonly isOnly: boolean },
): Promise<Segment> {
  if (!await Deno.stat(path).catch(() => undefined)) {
    throw new JobError(`ffmpeg: cannot use a segment: ffmpeg reported no error, but did not write ${path}`, {
      code: "write-failed",
    });
  }
  const isStream = container.name === "mpegts";
  const parameters = isOnly ? undefined : isStream ? "" : await parametersOf(tools, path, signal);
  await syncFile(path);
  const { size } = await Deno.stat(path);
  return { name: basename(path), bytes: size, parameters, ...facts };
}
