import { toNumber } from "@slomo/core/time";
import { UsageError } from "@slomo/core";
import { fileArgument, probeFile, probeShortFile } from "../ffprobe.ts";
import { formatName } from "../pixel_formats.ts";
import { diskError, lastError, runProcess } from "../process.ts";
import { firstFrame, showFirstFrame } from "../showinfo.ts";
import { encoderTimebase, videoArguments } from "./command.ts";
import type { TrialFile } from "./kept_tags.ts";
import type { WriteJob } from "./write_job.ts";
import { audioOptions } from "./audio.ts";
import type { StreamCopy } from "./streams.ts";
import { removeIfThere, temporaryPath } from "./target.ts";

/** Frames that are encoded for a trial. */
const FRAMES = 3;

/** Milliseconds after which a trial is given up. */
const PATIENCE = 60_000;

/** Why a trial failed, in ffmpeg's words; `undefined` if it did not. */
export type TrialFailure = string | undefined;

/** What a trial is told. */
export interface TrialOptions {
  /** Streams of the source to go along. */
  readonly copies?: readonly StreamCopy[];
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Told what the file that it has written holds, where that can be read. */
  readonly onFile?: (file: TrialFile) => void;
}

/**
 * Encodes a few gray frames of the video's size and format, with the given streams of the source beside them, into the
 * video's container: the encoder, the pixel format and every stream are then known to go.
 */
export async function tryVideo(job: WriteJob, { copies = [], signal, onFile }: TrialOptions): Promise<TrialFailure> {
  const { tools, container, options } = job, { width, height, format } = options.image;
  const output = temporaryPath(options.location), rate = options.rate ?? { num: 25n, den: 1n };
  const seconds = (FRAMES / toNumber(rate)).toFixed(6);
  const beside = job.source && copies.length > 0 ? ["-t", seconds, "-i", fileArgument(job.source.info.location)] : [];
  // The source of one color rounds its size to whole chroma samples: a larger one is cut.
  const size = `${width + 8 - width % 4}x${height + 8 - height % 4}`;
  const source = `color=gray:s=${size}:r=${rate.num}/${rate.den},format=${formatName(format)}`;
  const picture = `${source},crop=${width}:${height}:0:0:exact=1`;
  try {
    const { code, signal: killedBy, errors } = await runProcess(tools.ffmpeg, [
      ...["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture, ...beside, "-map", "0:v:0"],
      ...copies.flatMap(({ stream, codec }, position) => [
        ...["-map", `1:${stream.index}`],
        ...(codec === "copy" || stream.codec_type !== "audio"
          ? [`-c:${position + 1}`, codec]
          : audioOptions(position + 1, codec, stream)),
      ]),
      ...["-max_muxing_queue_size", "9999", ...videoArguments(job, encoderTimebase(job))],
      // By time and not by number of frames, which would end the streams beside them too.
      ...["-t", seconds, "-f", container.name, fileArgument(output)],
    ], { timeout: PATIENCE, signal });
    if (killedBy === "SIGKILL") return `no end after ${PATIENCE / 1000} s`;
    if (killedBy) return `ffmpeg was ended by signal ${killedBy}`;
    // Up to 5.1 what fails in the last step may end with exit code 0 all the same.
    const isWhole = code === 0 && !errors.some((line) => line.startsWith("Error writing trailer"));
    if (!isWhole) return lastError(errors);
    const file = await probeTrial(job, output);
    if (file) onFile?.(file);
    return unreadable(copies, file?.streams ?? []);
  } finally {
    await removeIfThere(output);
  }
}

/** What a trial's file holds; `undefined` where this ffprobe cannot read it. */
async function probeTrial({ tools, container }: WriteJob, path: string): Promise<TrialFile | undefined> {
  try {
    const file = await probeShortFile(tools, path, container.name);
    return file.frame ? file : { ...file, frame: await showFirstFrame(tools, path, 0, container.name) };
  } catch {
    // A stream beside the video may be damaged.
    const file = await probeFile(tools, path, container.name).catch(() => undefined);
    return file && { ...file, frame: await firstFrame(tools, path, 0, container.name).catch(() => undefined) };
  }
}

/**
 * Why sound that was written cannot be read again: some muxers take what no player then finds. A stream that had no packet in
 * the trial's short time may be missing, which says nothing.
 */
function unreadable(copies: readonly StreamCopy[], streams: TrialFile["streams"]): TrialFailure {
  if (!copies.some(({ stream }) => stream.codec_type === "audio")) return undefined;
  if (streams.length !== copies.length + 1) return undefined;
  const isRead = copies.every(({ stream: { codec_type } }, position) => {
    const written = streams[position + 1]!;
    return codec_type !== "audio" || written.codec_type === "audio" && written.codec_name !== undefined;
  });
  return isRead ? undefined : "it could not be read again";
}

/** Returns what the user can do if an encoder fails, and the option that it is about. */
function adviceOn({ options }: WriteJob, failure: string): { readonly advice: string; readonly option?: string } {
  if (/divisible|multiple of|odd|even/i.test(failure)) {
    return { advice: "; `pixelFormat` yuv444p and `encoder` ffv1 support any size", option: "pixelFormat" };
  }
  if (options.pixelFormat) {
    return { advice: "; leave `pixelFormat` out to let slomo choose", option: "pixelFormat" };
  }
  return options.encoder ? { advice: "; choose another `encoder`", option: "encoder" } : { advice: "" };
}

/** The error for a video whose video alone does not go. */
export function trialError(job: WriteJob, failure: string): UsageError {
  const { image: { width, height }, location } = job.options, disk = diskError([failure]);
  if (disk) return new UsageError(`${location}: cannot write the file: ${disk}`);
  const { advice, option } = adviceOn(job, failure);
  return new UsageError(
    `encoder ${job.encoder.name}: cannot encode ${job.pixel.name} at ${width}×${height} in ${job.container.name}: ` +
      `${failure}${advice}`,
    { code: "encoder-failed", option },
  );
}
