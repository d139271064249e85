import { divide, multiply, type Rational, rational, toNumber } from "@slomo/core/time";
import type { MediaInfo } from "@slomo/core";
import { fileArgument, parseRatio, type ProbedFile, type ProbedStream } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { startProcess } from "./process.ts";

/** Containers in which recordings can stand one behind the other, each with a clock of its own. */
const JOINABLE = /^(mpegts|mpeg)$/;

/** A stamp so many seconds below the one before belongs to another recording. */
const BACK = 0.1;

/** A stamp so many seconds above the one before does too, where another shows that recordings were put together. */
const ON = 10;

/** A stamp so many seconds above the one before shows that by itself. */
const FAR_ON = 3600;

/** The clock of a file in which recordings stand one behind the other. */
export interface TimestampDiscontinuity {
  /** When the file begins by its own clock, which ffmpeg subtracts, in seconds. */
  readonly start: Rational;
}

/** What the packets of a stream tell of its time. */
export interface ScannedTimestamps {
  /** How long the stream is, recordings laid one behind the other, in seconds. */
  readonly duration: Rational;
  /** The file's clock, where recordings stand one behind the other. */
  readonly joined: TimestampDiscontinuity | undefined;
}

async function* lines(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}

/**
 * Reads the packets of a stream to find out how long it is, and whether its clock jumps, as it does where recordings were put
 * together; only in containers where that is usual, which do not say their length either.
 */
export async function scanTimestamps(
  tools: FfmpegTools,
  location: string,
  { format }: ProbedFile,
  { index, time_base, r_frame_rate }: ProbedStream,
): Promise<ScannedTimestamps | undefined> {
  const timebase = parseRatio(time_base), rate = parseRatio(r_frame_rate) ?? rational(25);
  if (!JOINABLE.test(format.format_name) || !timebase) return undefined;
  const shown = ["-select_streams", `${index}`, "-show_entries", "packet=dts", "-of", "csv=p=0"];
  const child = startProcess(tools.ffprobe, ["-v", "quiet", ...shown, fileArgument(location)]);
  const seconds = toNumber(timebase);
  const nominal = toNumber(divide(divide(rational(1), rate), timebase));
  let previous: number | undefined, isJoined = false, laid = 0;
  try {
    for await (const line of lines(child.output())) {
      const stamp = parseInt(line);
      if (Number.isNaN(stamp)) continue;
      const step = previous === undefined ? nominal : stamp - previous;
      const isBack = step * seconds < -BACK;
      isJoined ||= isBack || step * seconds > FAR_ON;
      laid += isBack || step * seconds > ON ? nominal : step;
      previous = stamp;
    }
    await child.exit;
  } finally {
    await child.kill();
  }
  if (previous === undefined) return undefined;
  const start = rational(Math.round(1e6 * Number(format.start_time ?? 0)), 1_000_000);
  return { duration: multiply(rational(Math.round(laid)), timebase), joined: isJoined ? { start } : undefined };
}

/** The option by which ffmpeg keeps a file's own clock. Without it, it lays the recordings of a joined one behind each other. */
export function clockOption(joined: TimestampDiscontinuity | undefined): readonly string[] {
  return joined ? [] : ["-copyts"];
}

/**
 * An output that writes nothing, and takes the streams by which ffmpeg lays the recordings of a joined source as it reads input
 * `input`: of all that are mapped, so that every command must map the same. None for other sources.
 */
export function joinedOutput(
  input: number,
  source:
    | { readonly info: MediaInfo; readonly details: { readonly joined: TimestampDiscontinuity | undefined } }
    | undefined,
): readonly string[] {
  if (!source?.details.joined) return [];
  return ["-map", `${input}:${source.info.video.index}`, "-map", `${input}:a?`, "-c", "copy", "-f", "null", "-"];
}

/** Whether a line of ffmpeg's is about {@linkcode joinedOutput} alone, where stamps of two recordings may overlap. */
export function isOfJoining(line: string): boolean {
  return line.startsWith("[null @");
}
