import { type MediaInfo, type ProbeOptions, UsageError } from "@slomo/core";
import { alphaDecoder } from "./hidden_alpha.ts";
import { scanClock } from "./joined_clock.ts";
import { seeFields } from "./deinterlace.ts";
import { probeFile } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { firstFrame } from "./showinfo.ts";
import { chooseVideo, describeMedia, type SourceDetails } from "./media_info.ts";

/** What was found out beside each {@linkcode MediaInfo} that was given out. */
const known = new WeakMap<MediaInfo, SourceDetails>();

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
 * What a video file holds.
 *
 * @throws {UsageError} If there is no file, nothing readable in it or no video stream; the message names file and cause.
 */
export async function probeMedia(
  tools: FfmpegTools,
  location: string,
  { deinterlace }: ProbeOptions = {},
): Promise<MediaInfo> {
  await checkFile(location);
  const file = await probeFile(tools, location);
  const stream = chooseVideo(file, location);
  const frame = await firstFrame(tools, location, stream.index);
  const seen = deinterlace ? await seeFields(tools, location, stream.index) : undefined;
  const decoder = await alphaDecoder(tools, stream);
  const clock = await scanClock(tools, location, file, stream);
  const { info, details } = describeMedia(location, { file, stream, frame, seen, decoder, clock });
  known.set(info, details);
  return info;
}

/** The details beside an info: as kept, or found out anew for one that was copied or came from elsewhere. */
export async function detailsOf(tools: FfmpegTools, info: MediaInfo): Promise<SourceDetails> {
  const kept = known.get(info);
  if (kept) return kept;
  const details = known.get(await probeMedia(tools, info.location))!;
  known.set(info, details);
  return details;
}
