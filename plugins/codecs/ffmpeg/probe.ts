import { type MediaInfo, type OpenOptions, UsageError } from "@slomo/core";
import { servedFingerprint } from "@slomo/core/files";
import { hiddenAlpha } from "./hidden_alpha.ts";
import { scanTimestamps } from "./discontinuity.ts";
import { detectFields } from "./deinterlace.ts";
import { probeFile, probeFileAndFrame } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { firstFrame } from "./showinfo.ts";
import { chooseVideo, describeMedia, type SourceDetails } from "./media_info.ts";

/** A video file as probed. */
export interface ProbedMedia {
  /** Its description by the contract. */
  readonly info: MediaInfo;
  /** Further properties for reading and writing. */
  readonly details: SourceDetails;
}

/** Paths of inherited file descriptors, which ffmpeg does not inherit. */
const FILE_DESCRIPTOR = /^\/(dev\/(stdin|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/;

const NO_PIPE = "slomo reads a video more than once, but a pipe can be read only once; save it as a file first";

/**
 * Checks that a file exists, is readable and is not empty.
 *
 * @throws {UsageError} If not.
 */
async function checkFile(location: string): Promise<void> {
  if (servedFingerprint(location) !== undefined) return;
  if (FILE_DESCRIPTOR.test(location)) {
    throw new UsageError(`${location}: cannot read the video: ${NO_PIPE}`, { code: "input-unreadable" });
  }
  try {
    const { isDirectory, isFile, isFifo, isSocket, size } = await Deno.stat(location);
    if (isDirectory) {
      throw new UsageError(`${location}: cannot read the video: it is a folder; give the name of a video file`, {
        code: "input-unreadable",
      });
    }
    if (isFifo || isSocket) {
      throw new UsageError(`${location}: cannot read the video: it is a pipe: ${NO_PIPE}`, {
        code: "input-unreadable",
      });
    }
    if (isFile && size === 0) {
      throw new UsageError(`${location}: cannot read the video: the file is empty (0 bytes)`, {
        code: "input-unreadable",
      });
    }
    (await Deno.open(location)).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      const isAddress = /^[a-z][a-z\d+.-]+:\/\//i.test(location);
      throw new UsageError(
        `${location}: there is no such file${isAddress ? "; download the address first" : ""}`,
        { code: "input-not-found" },
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new UsageError(`${location}: cannot read the video: permission is denied`, { code: "input-unreadable" });
    }
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw error instanceof UsageError
      ? error
      : new UsageError(`${location}: cannot read the video: ${(error as Error).message}`, { code: "input-unreadable" });
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
  const { first, ...file } = await probeFileAndFrame(tools, location).catch(async (error) => {
    if (error.code === "probe-failed") throw error;
    // A file whose first packet cannot be read may have streams.
    return { ...await probeFile(tools, location), first: undefined };
  });
  const stream = chooseVideo(file, location);
  // The first packet of a file is usually one of the video.
  const frame = first?.stream_index === stream.index ? first : await firstFrame(tools, location, stream.index);
  const fields = deinterlace ? await detectFields(tools, location, stream.index) : undefined;
  const alpha = await hiddenAlpha(tools, location, stream);
  const scanned = await scanTimestamps(tools, location, file, stream);
  return describeMedia(location, { file, stream, frame, fields, alpha, scanned });
}
