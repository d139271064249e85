import type { CopyFrom, DroppedItem } from "@slomo/core";
import type { Rational } from "@slomo/core/time";
import type { ProbedStream } from "../ffprobe.ts";
import { codecNameOf } from "../file_errors.ts";
import type { SourceDetails } from "../media_info.ts";
import type { Container } from "./containers.ts";

/** A stream of the source that is copied or converted. */
export interface StreamCopy {
  /** The stream. */
  readonly stream: ProbedStream;
  /** `copy`, or an encoder. */
  readonly codec: string;
  /** Whether audio is filtered: trimmed or stretched. */
  readonly filtered: boolean;
  /** Time in seconds by which audio must be later than it is shown; absent if it need not be. */
  readonly delay?: Rational;
}

/** Tests whether a stream is a subtitle. */
export const isSubtitle = ({ stream }: StreamCopy): boolean => stream.codec_type === "subtitle";

/** Streams of the source that the output contains or lacks. */
export interface StreamPlan {
  /** Copied or converted streams. */
  readonly copies: readonly StreamCopy[];
  /** Whether chapters are copied. */
  readonly chapters: boolean;
  /** Dropped streams. */
  readonly dropped: readonly DroppedItem[];
  /** Notes on converted streams. */
  readonly notes: readonly string[];
}

const TEXT = /^(subrip|srt|ass|ssa|webvtt|mov_text|text|ttml|eia_608)$/;
const DVB = /^dvb_(subtitle|teletext)$/;
const LOSSLESS = /^(flac|alac|pcm_|truehd|mlp|wavpack|tta|ape)/;

/** Describes a stream: `subtitle stream 3 (ass, eng)`. Codecs without a name, such as time codes, have the container's tag. */
export function describeStream(
  stream: ProbedStream,
): string {
  const { index, codec_type, tags, disposition } = stream;
  const kind = disposition?.attached_pic ? "attached picture" : codec_type ?? "unknown";
  const language = tags?.language === "und" ? undefined : tags?.language;
  return `${kind} stream ${index} (${[codecNameOf(stream), language].filter(Boolean).join(", ")})`;
}

/** Maximum number of channels of AAC, FLAC, Opus and Vorbis. */
export const MOST_CHANNELS = 8;

/** Returns the encoder for audio that is filtered or cannot be copied; lossless for lossless audio if possible. */
export function audioEncoder(
  { audioEncoders, wideAudioEncoder }: Container,
  { codec_name, channels = 2 }: ProbedStream,
): string | undefined {
  if (channels > MOST_CHANNELS && wideAudioEncoder) return wideAudioEncoder;
  const [first, second] = audioEncoders;
  return first === "flac" && !LOSSLESS.test(codec_name ?? "") ? second : first;
}

/** Returns the channels of an audio stream that an encoder does not support. */
export function lostChannels(stream: ProbedStream, encoder: string): readonly DroppedItem[] {
  const { channels = 2 } = stream;
  if (channels <= MOST_CHANNELS || encoder === "copy" || encoder.startsWith("pcm_")) return [];
  const what = `channels ${MOST_CHANNELS + 1} to ${channels} of ${describeStream(stream)}`;
  return [{ what, why: `${encoder} encodes at most ${MOST_CHANNELS}; .mkv and .mov keep all` }];
}

type Decision = { readonly codec: string; readonly filtered?: boolean } | { readonly why: string } | undefined;

function decideSubtitle({ name, subtitles }: Container, { codec_name = "unknown" }: ProbedStream): Decision {
  if (subtitles === undefined) return { why: `${name} does not support subtitles` };
  if (subtitles === "dvb") {
    return DVB.test(codec_name) ? { codec: "copy" } : { why: `${name} supports DVB subtitles only` };
  }
  const isText = TEXT.test(codec_name);
  if (subtitles === "copy") return { codec: codec_name === "mov_text" ? "srt" : "copy" };
  if (!isText) return { why: `${name} supports text subtitles only` };
  return { codec: codec_name === subtitles ? "copy" : subtitles };
}

function decide(container: Container, stream: ProbedStream, copy: CopyFrom, isVideo: boolean): Decision {
  const isSlow = copy.slowdown.num !== copy.slowdown.den;
  if (stream.disposition?.attached_pic) {
    return container.cover ? { codec: "copy" } : { why: `${container.name} does not support attached pictures` };
  }
  switch (stream.codec_type) {
    case "video":
      return isVideo ? undefined : { why: "only one video stream is written" };
    case "audio": {
      if (copy.audio === "drop") return undefined;
      const encoder = audioEncoder(container, stream);
      if (encoder === undefined) return { why: `${container.name} does not support audio` };
      const isPart = copy.start !== undefined || copy.end !== undefined;
      const filtered = copy.retime !== undefined || isSlow && (copy.audio === "stretch" || isPart);
      const isSupported = container.audioCodecs?.test(stream.codec_name ?? "") ?? true;
      return filtered ? { codec: encoder, filtered } : { codec: isSupported ? "copy" : encoder };
    }
    case "subtitle":
      return decideSubtitle(container, stream);
    case "attachment":
      return container.attachments ? { codec: "copy" } : { why: `${container.name} does not support attachments` };
    default:
      // Such a stream contains the titles of chapters in mp4, which are written with the chapters.
      return stream.codec_name === "bin_data" ? undefined : { why: "data streams are not copied" };
  }
}

/** Plans the streams by the rules of the container. A trial may exclude more. */
export function planStreams(
  container: Container,
  { streams, chapters }: SourceDetails,
  copy: CopyFrom,
  videoIndex: number,
): StreamPlan {
  const copies: StreamCopy[] = [], dropped: DroppedItem[] = [], notes: string[] = [];
  for (const stream of streams) {
    const decision = decide(container, stream, copy, stream.index === videoIndex);
    if (decision === undefined) continue;
    if ("why" in decision) {
      dropped.push({ what: describeStream(stream), why: decision.why });
      continue;
    }
    copies.push({ stream, codec: decision.codec, filtered: decision.filtered ?? false });
    if (stream.codec_type === "audio") dropped.push(...lostChannels(stream, decision.codec));
    if (decision.codec !== "copy" && !decision.filtered) {
      notes.push(`${describeStream(stream)} is converted to ${decision.codec} for ${container.name}`);
    }
  }
  if (chapters.length > 0 && !container.chapters) {
    dropped.push({ what: `${chapters.length} chapters`, why: `${container.name} does not support chapters` });
  }
  return { copies, chapters: chapters.length > 0 && container.chapters, dropped, notes };
}
