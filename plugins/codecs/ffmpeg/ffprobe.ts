import { type Rational, rational } from "@slomo/core/time";
import { UsageError } from "@slomo/core";
import { servedFingerprint } from "@slomo/core/files";
import type { FfmpegTools } from "./locate.ts";
import { explainErrors } from "./file_errors.ts";
import { processError, runProcess, startProcess } from "./process.ts";

/** A stream as `ffprobe -of json` prints it, with the fields that slomo uses. */
export interface ProbedStream {
  readonly index: number;
  readonly codec_name?: string;
  readonly codec_type?: string;
  readonly codec_tag_string?: string;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly sample_aspect_ratio?: string;
  readonly field_order?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly chroma_location?: string;
  readonly closed_captions?: number;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly time_base?: string;
  readonly start_pts?: number;
  readonly duration_ts?: number;
  readonly nb_frames?: string;
  readonly sample_rate?: string;
  readonly channels?: number;
  readonly disposition?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly SideData[];
}

/** Side data of a stream or frame: its type, and fields that depend on the type. */
export type SideData = Readonly<Record<string, string | number>>;

/** A chapter. */
export interface ProbedChapter {
  readonly time_base: string;
  readonly start: number;
  readonly end: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The first frame of a stream. */
export interface ProbedFrame {
  readonly pts?: number;
  /** The name of `pts` before ffmpeg 5. */
  readonly pkt_pts?: number;
  readonly best_effort_timestamp?: number;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly sample_aspect_ratio?: string;
  readonly interlaced_frame?: number;
  readonly top_field_first?: number;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly chroma_location?: string;
  readonly side_data_list?: readonly SideData[];
}

/** A frame, and the index of its stream. */
export type FirstFrame = ProbedFrame & { readonly stream_index?: number };

/** Streams, chapters and format of a file. */
export interface ProbedFile {
  readonly streams: readonly ProbedStream[];
  readonly chapters: readonly ProbedChapter[];
  readonly format: {
    readonly format_name: string;
    readonly start_time?: string;
    readonly duration?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
}

/** Parses a fraction as ffprobe prints it; `undefined` for `0/0` and anything else. */
export function parseRatio(text: string | undefined): Rational | undefined {
  const found = /^(-?\d+)[/:](\d+)$/.exec(text ?? "");
  if (!found || BigInt(found[2]!) === 0n || BigInt(found[1]!) === 0n) return undefined;
  return rational(BigInt(found[1]!), BigInt(found[2]!));
}

/** Parses seconds as ffprobe prints them, or `hours:minutes:seconds` as in tags of Matroska. */
export function parseSeconds(text: string | undefined): Rational | undefined {
  const found = /^(?:(\d+):(\d+):)?(\d+)(?:\.(\d+))?$/.exec(text ?? "");
  if (!found) return undefined;
  const [, hours = "0", minutes = "0", seconds, digits = ""] = found;
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds!);
  const unit = 10n ** BigInt(digits.length);
  return rational(whole * unit + BigInt(digits || "0"), unit);
}

/** Timeout of ffprobe in milliseconds: a damaged file must not block the job. */
const TIMEOUT = 60_000;

/** Options that show streams, format and chapters of a file. */
const DESCRIPTION = ["-show_streams", "-show_format", "-show_chapters"];

/** Returns a path as an argument in which ffmpeg finds no protocol, option or pattern; a served location as it is. */
export function fileArgument(path: string): string {
  return servedFingerprint(path) === undefined ? `file:${path}` : path;
}

async function ffprobe(
  tools: FfmpegTools,
  location: string,
  args: readonly string[],
  format?: string,
): Promise<unknown> {
  const all = ["-v", "error", "-of", "json", ...args, ...(format ? ["-f", format] : []), fileArgument(location)];
  const output = await runProcess(tools.ffprobe, all, { timeout: TIMEOUT });
  if (output.signal) {
    const error = processError(tools.ffprobe, output, `reading ${location}`);
    throw new UsageError(`${error.message}; set \`ffmpeg\` to another ffmpeg, with its ffprobe beside it`, {
      code: "probe-failed",
      option: "ffmpeg",
    });
  }
  if (output.code !== 0) {
    throw new UsageError(`${location}: cannot read the file: ${explainErrors(output.errors)}`, {
      code: "input-unreadable",
    });
  }
  return JSON.parse(output.stdout);
}

/**
 * Probes the streams, chapters and format of a file.
 *
 * @param format Its container, if known: ffprobe does not recognize a very short MPEG transport stream.
 * @throws {UsageError} If ffprobe cannot read it.
 */
export async function probeFile(tools: FfmpegTools, location: string, format?: string): Promise<ProbedFile> {
  return await ffprobe(tools, location, DESCRIPTION, format) as ProbedFile;
}

/**
 * Probes the streams, chapters and format of a file, and decodes its first packet in the same pass.
 *
 * @returns The file, and the frame of the first packet with the index of its stream; `undefined` if the packet gives none.
 * @throws {UsageError} If ffprobe cannot read the file.
 */
export async function probeFileAndFrame(
  tools: FfmpegTools,
  location: string,
): Promise<ProbedFile & { readonly first: FirstFrame | undefined }> {
  const args = [...DESCRIPTION, "-show_frames", "-read_intervals", "%+#1"];
  const { frames, ...file } = await ffprobe(tools, location, args) as ProbedFile & {
    readonly frames?: readonly FirstFrame[];
  };
  return { ...file, first: frames?.[0] };
}

/**
 * Probes a short file, and the first frame of its first stream if it can be decoded.
 *
 * @param format Its container.
 * @throws {UsageError} If ffprobe cannot read it.
 */
export async function probeShortFile(
  tools: FfmpegTools,
  location: string,
  format: string,
): Promise<ProbedFile & { readonly frame: ProbedFrame | undefined }> {
  const { frames = [], ...file } = await ffprobe(tools, location, [...DESCRIPTION, "-show_frames"], format) as
    & ProbedFile
    & { readonly frames?: readonly FirstFrame[] };
  return { ...file, frame: frames.find(({ stream_index }) => stream_index === 0) };
}

/** Returns the first frame of a stream that ffprobe can decode, or `undefined`. */
export async function probeFirstFrame(
  tools: FfmpegTools,
  location: string,
  index: number,
  format?: string,
): Promise<ProbedFrame | undefined> {
  const args = ["-select_streams", `${index}`, "-read_intervals", "%+#1", "-show_frames"];
  const { frames } = await ffprobe(tools, location, args, format) as { frames?: readonly ProbedFrame[] };
  return frames?.[0];
}

/** Tests whether a stream has packets. It reads up to the first one. */
export async function hasPackets(tools: FfmpegTools, location: string, index: number): Promise<boolean> {
  const args = ["-select_streams", `${index}`, "-read_intervals", "%+#1", "-show_entries", "packet=size"];
  const { packets } = await ffprobe(tools, location, args) as { packets?: readonly unknown[] };
  return packets !== undefined && packets.length > 0;
}

/** Returns timestamps and durations of the packets from a time in seconds to the end, in the stream's time base. */
export async function probePackets(
  tools: FfmpegTools,
  location: string,
  index: number,
  from: number,
): Promise<readonly { readonly pts?: number; readonly duration?: number }[]> {
  const args = ["-select_streams", `${index}`, "-read_intervals", `${from}%`, "-show_entries", "packet=pts,duration"];
  const { packets } = await ffprobe(tools, location, args) as {
    packets?: readonly { pts?: number; duration?: number }[];
  };
  return packets ?? [];
}

/**
 * Yields a line for each packet of a stream, of any number of packets. Ending the loop early ends ffprobe; an unreadable packet
 * ends the lines.
 *
 * @param entries Entries to show, as of ffprobe's option `-show_entries`.
 */
export async function* packetLines(
  { ffprobe }: FfmpegTools,
  location: string,
  index: number,
  entries: string,
): AsyncGenerator<string> {
  const selection = ["-select_streams", `${index}`, "-show_entries", entries, "-of", "csv=p=0"];
  const child = startProcess(ffprobe, ["-v", "quiet", ...selection, fileArgument(location)]);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of child.output()) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
    await child.exit;
  } finally {
    await child.kill();
  }
}

/** Tests whether any packet of a stream of Matroska or WebM carries additional data, such as an alpha channel. */
export async function hasAdditionalData(tools: FfmpegTools, location: string, index: number): Promise<boolean> {
  for await (const line of packetLines(tools, location, index, "packet_side_data=side_data_type")) {
    if (line.includes("Matroska BlockAdditional")) return true;
  }
  return false;
}
