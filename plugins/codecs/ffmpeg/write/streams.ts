import type { CopyFrom, DroppedItem } from "@slomo/core";
import type { ProbedStream } from "../ffprobe.ts";
import type { SourceDetails } from "../media_info.ts";
import type { Container } from "./containers.ts";

/** A stream of the source that goes along. */
export interface StreamCopy {
  /** The stream. */
  readonly stream: ProbedStream;
  /** `copy`, or the encoder that makes it fit the container. */
  readonly codec: string;
  /** Whether its sound goes through a filter: cut or stretched to the sample. */
  readonly filtered: boolean;
}

/** Whether it is text or pictures over the video. */
export const isSubtitle = ({ stream }: StreamCopy): boolean => stream.codec_type === "subtitle";

/** Which streams of the source go along, and what does not. */
export interface StreamPlan {
  /** Those that go along. */
  readonly copies: readonly StreamCopy[];
  /** Whether chapters go along. */
  readonly chapters: boolean;
  /** What does not go along. */
  readonly dropped: readonly DroppedItem[];
  /** What goes along in another form. */
  readonly notes: readonly string[];
}

const TEXT = /^(subrip|srt|ass|ssa|webvtt|mov_text|text|ttml|eia_608)$/;
const DVB = /^dvb_(subtitle|teletext)$/;
const LOSSLESS = /^(flac|alac|pcm_|truehd|mlp|wavpack|tta|ape)/;

/** A stream in words: `subtitle stream 3 (ass, eng)`; by the container's tag where its codec has no name, as with time codes. */
export function describeStream(
  { index, codec_type, codec_name, codec_tag_string, tags, disposition }: ProbedStream,
): string {
  const kind = disposition?.attached_pic ? "cover picture" : codec_type ?? "unknown";
  const language = tags?.language === "und" ? undefined : tags?.language;
  return `${kind} stream ${index} (${
    [codec_name ?? codec_tag_string ?? "unknown", language].filter(Boolean).join(", ")
  })`;
}

/** The encoder for sound that a container refuses, or that goes through a filter; a lossless one stays lossless if it can. */
export function audioEncoder({ audioEncoders }: Container, { codec_name }: ProbedStream): string | undefined {
  const [first, second] = audioEncoders;
  return first === "flac" && !LOSSLESS.test(codec_name ?? "") ? second : first;
}

type Decision = { readonly codec: string; readonly filtered?: boolean } | { readonly why: string } | undefined;

function decideSubtitle({ name, subtitles }: Container, { codec_name = "unknown" }: ProbedStream): Decision {
  if (subtitles === undefined) return { why: `${name} takes no subtitles` };
  if (subtitles === "dvb") {
    return DVB.test(codec_name) ? { codec: "copy" } : { why: `${name} takes DVB subtitles only` };
  }
  const isText = TEXT.test(codec_name);
  if (subtitles === "copy") return { codec: codec_name === "mov_text" ? "srt" : "copy" };
  if (!isText) return { why: `${name} takes text subtitles only` };
  return { codec: codec_name === subtitles ? "copy" : subtitles };
}

function decide(container: Container, stream: ProbedStream, copy: CopyFrom, isVideo: boolean): Decision {
  const isSlow = copy.slowdown.num !== copy.slowdown.den;
  if (stream.disposition?.attached_pic) {
    return container.cover ? { codec: "copy" } : { why: `${container.name} takes no cover picture` };
  }
  switch (stream.codec_type) {
    case "video":
      return isVideo ? undefined : { why: "one video stream is written" };
    case "audio": {
      if (copy.audio === "drop") return undefined;
      const encoder = audioEncoder(container, stream);
      if (encoder === undefined) return { why: `${container.name} takes no sound` };
      const filtered = isSlow && (copy.audio === "stretch" || copy.start !== undefined || copy.end !== undefined);
      const isFound = container.sound?.test(stream.codec_name ?? "") ?? true;
      return filtered ? { codec: encoder, filtered } : { codec: isFound ? "copy" : encoder };
    }
    case "subtitle":
      return decideSubtitle(container, stream);
    case "attachment":
      return container.attachments ? { codec: "copy" } : { why: `${container.name} takes no attachments` };
    default:
      // The titles of chapters travel as such a stream in mp4 and are written anew.
      return stream.codec_name === "bin_data" ? undefined : { why: "data streams are not carried over" };
  }
}

/** Which streams go along as far as the container's rules tell; a trial may refuse more. */
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
    if (decision.codec !== "copy" && !decision.filtered) {
      notes.push(`${describeStream(stream)} is converted to ${decision.codec} for ${container.name}`);
    }
  }
  if (chapters.length > 0 && !container.chapters) {
    dropped.push({ what: `${chapters.length} chapters`, why: `${container.name} takes no chapters` });
  }
  return { copies, chapters: chapters.length > 0 && container.chapters, dropped, notes };
}
