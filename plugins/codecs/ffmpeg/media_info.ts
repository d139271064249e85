import { colorMeaning } from "@slomo/core/frames";
import { type MediaInfo, type StreamInfo, UsageError, type VideoInfo } from "@slomo/core";
import { type Rational, rational } from "@slomo/core/time";
import type { ScannedTimestamps, TimestampDiscontinuity } from "./discontinuity.ts";
import { colorOf } from "./color_tags.ts";
import { type Crop, cropOf } from "./crop.ts";
import { hasHiddenAlpha } from "./hidden_alpha.ts";
import { deinterlaced, type SeenFields } from "./deinterlace.ts";
import {
  parseRatio,
  parseSeconds,
  type ProbedChapter,
  type ProbedFile,
  type ProbedFrame,
  type ProbedStream,
  type SideData,
} from "./ffprobe.ts";
import { type Transport, transportOf } from "./pixel_formats.ts";
import { rotationOf, type Turn } from "./rotation.ts";

/** What the codec knows of a source beyond {@linkcode MediaInfo}. */
export interface SourceDetails {
  /** How the frames travel. */
  readonly transport: Transport;
  /** Every stream. */
  readonly streams: readonly ProbedStream[];
  /** The chapters. */
  readonly chapters: readonly ProbedChapter[];
  /** The part of the pictures that is shown and read; `undefined` for all of them. */
  readonly crop: Crop | undefined;
  /** Whether the pictures are to be mirrored, left to right, as they are read. */
  readonly mirrored: boolean;
  /** The video's tags, its title among them. */
  readonly tags: Readonly<Record<string, string>>;
  /** Data beside the first frame: HDR facts. */
  readonly frameData: readonly SideData[];
  /** Data beside the video stream. */
  readonly streamData: readonly SideData[];
  /** The decoder that must be named for its alpha to be read. */
  readonly decoder: string | undefined;
  /** The clock of a file in which recordings stand one behind the other; no stream says then how long it is. */
  readonly joined: TimestampDiscontinuity | undefined;
}

/** The stream that is read: the first that moves, not a cover picture. */
export function chooseVideo(file: ProbedFile, location: string): ProbedStream {
  const videos = file.streams.filter(({ codec_type }) => codec_type === "video");
  const moving = videos.filter(({ disposition }) => !disposition?.attached_pic);
  const video = moving.find(({ disposition }) => disposition?.default) ?? moving[0];
  if (video) return video;
  const found = file.streams.map(({ codec_type, codec_name }) => `${codec_type} ${codec_name ?? ""}`.trim()).join(", ");
  const cover = videos.length > 0 ? "only a cover picture and " : "";
  if (found === "") throw new UsageError(`${location} holds no stream at all; it may be cut off`);
  throw new UsageError(`${location} has no video stream (found ${cover}${found})`);
}

function fieldOrderOf(stream: ProbedStream, frame: ProbedFrame | undefined): VideoInfo["fieldOrder"] {
  if (stream.field_order === "progressive") return "progressive";
  // A container, and a stream that codes the other field first than it shows, may contradict the pictures.
  if (frame?.interlaced_frame) return frame.top_field_first ? "tff" : "bff";
  if (stream.field_order === "tt" || stream.field_order === "tb") return "tff";
  return stream.field_order === "bb" || stream.field_order === "bt" ? "bff" : "progressive";
}

/** Whether two rates are one within a thousandth: the header's average is off by the last frame's length. */
function agree(a: Rational, b: Rational): boolean {
  const difference = a.num * b.den - b.num * a.den;
  return (difference < 0n ? -difference : difference) * 1000n <= a.num * b.den;
}

function rateOf(stream: ProbedStream, interlaced: boolean): Pick<VideoInfo, "rate" | "constantRate"> {
  const nominal = parseRatio(stream.r_frame_rate), average = parseRatio(stream.avg_frame_rate);
  if (!nominal) return { rate: average ?? rational(25), constantRate: false };
  if (!average || agree(nominal, average)) return { rate: nominal, constantRate: true };
  // Some containers count the fields of interlaced video.
  const half = rational(nominal.num, 2n * nominal.den);
  return interlaced && agree(half, average)
    ? { rate: half, constantRate: true }
    : { rate: average, constantRate: false };
}

function notesOn(video: VideoInfo, pixelFormat: string, transport: Transport, turn: Turn): string[] {
  const notes: string[] = [];
  const tagged = video.color.matrix, { matrix, guessed } = colorMeaning(video);
  if (guessed && tagged === undefined) {
    const [guess, rule] = video.height < 720 ? ["BT.601", "below 720 lines"] : ["BT.709", "from 720 lines on"];
    notes.push(`the color matrix is not tagged: ${guess} is assumed, as ${rule}`);
  } else if (guessed) notes.push(`the color matrix is tagged ${tagged}: frames are made by the nearest, ${matrix}`);
  if (video.fieldOrder !== "progressive") {
    const first = video.fieldOrder === "tff" ? "top" : "bottom";
    notes.push(
      `the video is interlaced (${first} field first), so moving edges will show combing; ` +
        "set `deinterlace` to convert it to progressive frames",
    );
  }
  if (!transport.lossless) notes.push(`pixel format ${pixelFormat} is read as ${transport.name}`);
  if (turn.mirrored) notes.push("the picture is tagged to be mirrored: its pixels are mirrored instead");
  if (turn.odd) notes.push("the picture is tagged with a rotation that is not a quarter turn, which is left out");
  return notes;
}

function containerOf(formatName: string, location: string): string {
  const names = formatName.split(","), ending = /\.(\w+)$/.exec(location)?.[1]?.toLowerCase();
  return names.find((name) => name === ending) ?? names[0]!;
}

function streamInfo({ index, codec_type, codec_name, tags, disposition }: ProbedStream): StreamInfo {
  const kinds = ["video", "audio", "subtitle", "attachment"] as const;
  const language = tags?.language ?? tags?.LANGUAGE, title = tags?.title ?? tags?.TITLE;
  return {
    index,
    kind: disposition?.attached_pic ? "attachment" : kinds.find((kind) => kind === codec_type) ?? "data",
    codec: codec_name ?? "unknown",
    language: language === "und" ? undefined : language,
    title,
  };
}

/** What ffprobe's answers say in the contract's words, and the rest that the codec needs. */
export function describeMedia(
  location: string,
  { file, stream, frame, seen, decoder, clock }: {
    readonly file: ProbedFile;
    readonly stream: ProbedStream;
    readonly frame: ProbedFrame | undefined;
    /** What its pictures tell of fields, where these are to become whole frames. */
    readonly seen?: SeenFields | undefined;
    /** The decoder that reads its alpha, where only one does. */
    readonly decoder?: string | undefined;
    /** What its packets tell of its time, where they were read. */
    readonly clock?: ScannedTimestamps | undefined;
  },
): { readonly info: MediaInfo; readonly details: SourceDetails } {
  const plain = frame?.pix_fmt ?? stream.pix_fmt, pixelFormat = decoder && plain === "yuv420p" ? "yuva420p" : plain;
  const timebase = parseRatio(stream.time_base);
  // A damaged header may say another size than the pictures have.
  const width = frame?.width ?? stream.width, height = frame?.height ?? stream.height;
  if (!pixelFormat || !timebase || !width || !height) {
    throw new UsageError(
      `${location}: no frame of its video stream (${stream.codec_name ?? "unknown codec"}) can be decoded`,
    );
  }
  const transport = transportOf(pixelFormat);
  const turn = rotationOf(stream, frame), found = colorOf(stream, frame);
  // Some recorders leave the tag of the RGB that they were given; decoders refuse it on 4:2:0.
  const isMistagged = transport.format.model === "yuv" && found.matrix === "gbr";
  const fieldOrder = fieldOrderOf(stream, frame);
  const crop = cropOf(stream, { width, height }, transport.format, fieldOrder !== "progressive");
  const { rate, constantRate } = rateOf(stream, fieldOrder !== "progressive");
  const first = frame?.pts ?? frame?.pkt_pts ?? frame?.best_effort_timestamp ?? stream.start_pts ?? 0;
  const inUnits = (units: number) => rational(BigInt(units) * timebase.num, timebase.den);
  const stored: VideoInfo = {
    index: stream.index,
    codec: stream.codec_name ?? "unknown",
    width: crop?.width ?? width,
    height: crop?.height ?? height,
    format: transport.format,
    color: isMistagged ? { ...found, matrix: undefined } : found,
    timebase,
    start: inUnits(first),
    rate,
    constantRate,
    frames: stream.nb_frames === undefined ? undefined : Number(stream.nb_frames),
    duration: clock
      ? clock.duration
      : stream.duration_ts !== undefined
      ? inUnits(stream.duration_ts)
      : parseSeconds(stream.tags?.DURATION) ?? parseSeconds(file.format.duration),
    rotation: turn.rotation,
    // Of the stream, ffprobe tells what came last.
    sampleAspect: parseRatio(frame?.sample_aspect_ratio) ?? parseRatio(stream.sample_aspect_ratio) ?? rational(1),
    fieldOrder,
  };
  const video = seen ? deinterlaced(stored, seen) : stored;
  return {
    info: {
      location,
      container: containerOf(file.format.format_name, location),
      video,
      streams: file.streams.map(streamInfo),
      chapters: file.chapters.length,
      notes: [
        ...isMistagged ? ["the color matrix is tagged gbr, which YUV cannot have: the tag is left out"] : [],
        ...crop
          ? [`the container shows ${crop.width}×${crop.height} of ${width}×${height}, which is what is read`]
          : [],
        ...notesOn(video, pixelFormat, transport, turn),
        ...hasHiddenAlpha(stream) && !video.format.alpha
          ? ["the alpha of this VP8 or VP9 video is not read: your ffmpeg has no libvpx for it"]
          : [],
        ...clock?.joined ? ["its clock jumps: what was put together in it is laid one behind the other"] : [],
      ],
    },
    details: {
      transport,
      // Of MPEG-TS and its like only the beginning of the last packet is known, which holds some tenths of a second of sound.
      streams: clock ? file.streams.map(({ duration_ts: _, ...stream }) => stream) : file.streams,
      chapters: file.chapters,
      crop,
      tags: file.format.tags ?? {},
      mirrored: turn.mirrored,
      frameData: frame?.side_data_list ?? [],
      streamData: stream.side_data_list ?? [],
      decoder: pixelFormat === plain ? undefined : decoder,
      joined: clock?.joined,
    },
  };
}
