import { toNumber } from "@slomo/core/time";
import { UsageError } from "@slomo/core";
import { resolve } from "@std/path";
import { z } from "zod";
import { rememberAnswer } from "../answer_cache.ts";
import { fileArgument, probeFile, probeShortFile } from "../ffprobe.ts";
import { formatName } from "../pixel_formats.ts";
import { graySource } from "../gray_source.ts";
import { diskError, lastError, runProcess } from "../process.ts";
import { firstFrame, showFirstFrame } from "../showinfo.ts";
import { encoderTimebase, videoArguments } from "./command.ts";
import type { TrialFile } from "./kept_tags.ts";
import type { WriteJob } from "./write_job.ts";
import { audioOptions } from "./audio.ts";
import type { StreamCopy } from "./streams.ts";
import { removeIfThere, temporaryPath } from "./target.ts";

/** Number of frames of a trial. */
const FRAMES = 3;

/** Timeout of a trial in milliseconds. */
const TIMEOUT = 60_000;

/** Error message of ffmpeg; `undefined` if the trial succeeded. */
export type TrialFailure = string | undefined;

/** Options of a trial. */
export interface TrialOptions {
  /** Streams of the source to include. */
  readonly copies?: readonly StreamCopy[];
  /** Stops the trial. */
  readonly signal?: AbortSignal | undefined;
  /** Receives the probed output, if it can be read. */
  readonly onFile?: (file: TrialFile) => void;
}

/** Result of a trial. */
interface TrialResult {
  /** Error message of ffmpeg; absent if the trial succeeded. */
  readonly failure?: string | undefined;
  /** The probed output, if it can be read. */
  readonly file?: TrialFile | undefined;
}

const trialResult: z.ZodType<TrialResult> = z.object({
  file: z.object({
    streams: z.array(z.looseObject({ index: z.number() })),
    frame: z.looseObject({}).optional(),
  }).transform(({ streams, frame }): TrialFile => ({ streams, frame })),
});

/** Encoders of devices, which may be absent the next time. */
const OF_DEVICE = /_(nvenc|qsv|amf|vaapi|videotoolbox|mf|v4l2m2m|vulkan|d3d12va|rkmpp|mediacodec|omx|mmal|cuvid)$/;

/** Returns the arguments of a trial up to the name of its output. */
function trialArguments(job: WriteJob, copies: readonly StreamCopy[]): readonly string[] {
  const { container, options } = job, { width, height, format } = options.image;
  const rate = options.rate ?? { num: 25n, den: 1n }, seconds = (FRAMES / toNumber(rate)).toFixed(6);
  const inputs = job.source && copies.length > 0 ? ["-t", seconds, "-i", fileArgument(job.source.info.location)] : [];
  const frames = graySource({ width, height }, formatName(format), `r=${rate.num}/${rate.den}`);
  return [
    ...["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", frames, ...inputs, "-map", "0:v:0"],
    ...copies.flatMap(({ stream, codec }, position) => [
      ...["-map", `1:${stream.index}`],
      ...(codec === "copy" || stream.codec_type !== "audio"
        ? [`-c:${position + 1}`, codec]
        : audioOptions(position + 1, codec, stream)),
    ]),
    ...["-max_muxing_queue_size", "9999", ...videoArguments(job, encoderTimebase(job))],
    // Limits the time, because a limit of frames would end the other streams too.
    ...["-t", seconds, "-f", container.name],
  ];
}

async function runTrial(job: WriteJob, args: readonly string[], signal?: AbortSignal): Promise<TrialResult> {
  const output = temporaryPath(job.options.location), all = [...args, fileArgument(output)];
  try {
    const encode = () => runProcess(job.tools.ffmpeg, all, { timeout: TIMEOUT, signal });
    const first = await encode();
    // Seldom, ffmpeg hangs on a busy machine; that says nothing about encoder and streams.
    const { code, signal: killedBy, errors } = first.signal === "SIGKILL" ? await encode() : first;
    if (killedBy === "SIGKILL") return { failure: `it did not finish within ${TIMEOUT / 1000} s` };
    if (killedBy) return { failure: `ffmpeg was killed by signal ${killedBy}` };
    // Up to 5.1 the exit code may be 0 despite an error in the last step.
    const isComplete = code === 0 && !errors.some((line) => line.startsWith("Error writing trailer"));
    return isComplete ? { file: await probeTrial(job, output) } : { failure: lastError(errors) };
  } finally {
    await removeIfThere(output);
  }
}

/**
 * Encodes a few gray frames of the video's size and format together with streams of the source, to test encoder, pixel
 * format, container and streams. A trial that has succeeded is not repeated with the same programs, options and source
 * file.
 */
export async function tryVideo(job: WriteJob, { copies = [], signal, onFile }: TrialOptions): Promise<TrialFailure> {
  const { tools: { ffmpeg, ffprobe }, encoder, source } = job, args = trialArguments(job, copies);
  const files = source && copies.length > 0 ? [resolve(source.info.location)] : [];
  const question = { programs: [ffmpeg, ffprobe], files, args: ["trial", ...args] };
  const { failure, file } = await rememberAnswer(question, trialResult, async () => {
    const value = await runTrial(job, args, signal);
    return { value, isLasting: value.file !== undefined && !OF_DEVICE.test(encoder.name) };
  });
  if (failure !== undefined) return failure;
  if (file) onFile?.(file);
  return unreadable(copies, file?.streams ?? []);
}

/** Probes the output of a trial; `undefined` if ffprobe cannot read it. */
async function probeTrial({ tools, container }: WriteJob, path: string): Promise<TrialFile | undefined> {
  try {
    const file = await probeShortFile(tools, path, container.name);
    return file.frame ? file : { ...file, frame: await showFirstFrame(tools, path, 0, container.name) };
  } catch {
    // A stream other than the video may be damaged.
    const file = await probeFile(tools, path, container.name).catch(() => undefined);
    return file && { ...file, frame: await firstFrame(tools, path, 0, container.name).catch(() => undefined) };
  }
}

/**
 * Returns an error if written audio cannot be read: some muxers accept audio that no demuxer finds. A stream without
 * packets in the short trial may be missing, which is no error.
 */
function unreadable(copies: readonly StreamCopy[], streams: TrialFile["streams"]): TrialFailure {
  if (!copies.some(({ stream }) => stream.codec_type === "audio")) return undefined;
  if (streams.length !== copies.length + 1) return undefined;
  const isRead = copies.every(({ stream: { codec_type } }, position) => {
    const written = streams[position + 1]!;
    return codec_type !== "audio" || written.codec_type === "audio" && written.codec_name !== undefined;
  });
  return isRead ? undefined : "its audio cannot be read back";
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

/** Creates the error for a failed trial without streams of the source. */
export function trialError(job: WriteJob, failure: string): UsageError {
  const { image: { width, height }, location } = job.options, disk = diskError([failure]);
  if (disk) return new UsageError(`${location}: cannot write the file: ${disk}`, { code: "output-unwritable" });
  const { advice, option } = adviceOn(job, failure);
  return new UsageError(
    `encoder ${job.encoder.name}: cannot encode ${job.pixel.name} at ${width}×${height} in ${job.container.name}: ` +
      `${failure}${advice}`,
    { code: "encoder-failed", option },
  );
}
