import { type MediaInfo, type OpenOptions, UsageError } from "@slomo/core";
import { alphaDecoder } from "./hidden_alpha.ts";
import { scanTimestamps } from "./discontinuity.ts";
import { seeFields } from "./deinterlace.ts";
import { probeFile } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { firstFrame } from "./showinfo.ts";
import { chooseVideo, describeMedia, type SourceDetails } from "./media_info.ts";

/** A video file as probed. */
export interface ProbedMedia {
  /** Its description by the contract. */
  readonly info: MediaInfo;
  /** What reading and writing need beyond it. */
  readonly details: SourceDetails;
}

/** Names of what a process was handed open, which ffmpeg is not. */
const HANDED_OPEN = /^\/(dev\/(stdin|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/;

const NO_PIPE = "a video is read more than once, which a pipe does not allow; save it as a file first";

/**
 * Makes sure that there is a file with something in it.
 *
 * @throws {UsageError} If not.
 */
async function checkFile(location: string): Promise<void> {
  if (HANDED_OPEN.test(location)) throw new UsageError(`${location}: ${NO_PIPE}`);
  try {
    const { isDirectory, isFile, isFifo, isSocket, size } = await Deno.stat(location);
    if (isDirectory) throw new UsageError(`${location} is a folder, not a video file`);
    if (isFifo || isSocket) throw new UsageError(`${location} is a pipe: ${NO_PIPE}`);
    if (isFile && size === 0) throw new UsageError(`${location} is empty (0 bytes)`);
    (await Deno.open(location)).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      const isAddress = /^[a-z][a-z\d+.-]+:\/\//i.test(location);
      throw new UsageError(
        `${location}: there is no such file${isAddress ? "; fetch what is at an address first" : ""}`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new UsageError(`${location} may not be read (permission denied)`);
    }
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw error instanceof UsageError
      ? error
      : new UsageError(`${location} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * Probes a video file.
 *
 * @throws {UsageError} If the file is missing, unreadable or has no video stream; the message names the file and the cause.
 */
export async function probeMedia(
  tools: FfmpegTools,
  location: string,
  { deinterlace }: OpenOptions = {},
): Promise<ProbedMedia> {
  await checkFile(location);
  const file = await probeFile(tools, location);
  const stream = chooseVideo(file, location);
  const frame = await firstFrame(tools, location, stream.index);
  const seen = deinterlace ? await seeFields(tools, location, stream.index) : undefined;
  const decoder = await alphaDecoder(tools, stream);
  const clock = await scanTimestamps(tools, location, file, stream);
  return describeMedia(location, { file, stream, frame, seen, decoder, clock });
}
