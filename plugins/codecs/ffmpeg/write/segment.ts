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

const schema = z.object({
  name: z.string().regex(/^[\w-]+\.part$/),
  frames: z.int().min(1),
  bytes: z.int().min(1),
  start: z.int(),
  parameters: z.string(),
});

/** A finished part of a video's video, a file of its own. */
export interface Segment {
  /** The file's name. */
  readonly name: string;
  /** Frames in it, 1 or more. */
  readonly frames: number;
  /** Its size. */
  readonly bytes: number;
  /** When its first frame is shown, in millionths of a second: from the video's first frame, or by its own clock of milliseconds. */
  readonly start: number;
  /** A check sum of what decoders are set up with. */
  readonly parameters: string;
}

async function findSegments(folder: string, segments: readonly Segment[]): Promise<Finished<readonly Segment[]>> {
  const sound: Segment[] = [];
  for (const segment of segments) {
    const stat = await Deno.stat(join(folder, segment.name)).catch(() => undefined);
    if (stat?.size !== segment.bytes) break;
    sound.push(segment);
  }
  return { done: sound, frames: sound.reduce((sum, { frames }) => sum + frames, 0) };
}

/** Segments as unfinished work: those up to the first whose file is not as it was written. */
export const SEGMENTS: WorkKind<readonly Segment[]> = { schema: z.array(schema), find: findSegments };

/** Pixels a segment, so that a large picture's segment costs no more work than a small one's. */
const PIXELS = 400_000_000;

/** Frames a segment by the size of the picture: an encoder begins anew with each, and what is unfinished of one is lost. */
export function segmentFrames({ width, height }: { readonly width: number; readonly height: number }): number {
  return Math.min(500, Math.max(100, Math.round(PIXELS / (width * height))));
}

/** Whole millionths of a second. */
export function micros({ num, den }: Rational): number {
  return Number(round({ num: num * 1_000_000n, den }));
}

/** A check sum of what decoders of a file's video are set up with; empty where that travels within the stream. */
async function parametersOf({ ffprobe }: FfmpegTools, path: string, signal: AbortSignal | undefined): Promise<string> {
  const shown = ["-show_entries", "stream=extradata_hash", "-show_data_hash", "md5"];
  const output = await runProcess(ffprobe, ["-v", "error", ...shown, "-of", "json", fileArgument(path)], { signal });
  if (output.code !== 0) throw processError(ffprobe, output, "looking over a segment");
  const { streams } = JSON.parse(output.stdout) as {
    readonly streams?: readonly { readonly extradata_hash?: string }[];
  };
  if (streams?.length !== 1) throw new JobError(`ffmpeg wrote a segment that holds no video: ${path}`);
  return streams[0]!.extradata_hash ?? "";
}

/**
 * Looks a finished segment's file over and puts it on the disk.
 *
 * @throws {JobError} If the file cannot be read.
 */
export async function sealSegment(
  { tools, container, options: { signal } }: WriteJob,
  path: string,
  facts: Pick<Segment, "frames" | "start">,
): Promise<Segment> {
  if (!await Deno.stat(path).catch(() => undefined)) {
    throw new JobError(`ffmpeg ended without an error, but wrote no ${path}`);
  }
  const parameters = container.name === "mpegts" ? "" : await parametersOf(tools, path, signal);
  await syncFile(path);
  const { size } = await Deno.stat(path);
  return { name: basename(path), bytes: size, parameters, ...facts };
}
