import { colorMeaning } from "@slomo/core/frames";
import { type MediaInfo, type StreamInfo, UsageError, type VideoInfo } from "@slomo/core";
import { multiply, type Rational, rational, round } from "@slomo/core/time";
import type { ScannedTimestamps, TimestampDiscontinuity } from "./discontinuity.ts";
import { colorOf } from "./color_tags.ts";
import { type Crop, cropOf } from "./crop.ts";
import type { HiddenAlpha } from "./hidden_alpha.ts";
import { codecNameOf, explainUndecodable } from "./file_errors.ts";
import { deinterlaced, type DetectedFields } from "./deinterlace.ts";
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
import { type DisplayTransform, rotationOf } from "./rotation.ts";

/** Properties of a source beyond {@linkcode MediaInfo}. */
export interface SourceDetails {
  /** Layout in which frames are piped. */
  readonly transport: Transport;
  /** Every stream. */
  readonly streams: readonly ProbedStream[];
  /** The chapters. */
  readonly chapters: readonly ProbedChapter[];
  /** Region of the frames that is shown and read; `undefined` for whole frames. */
  readonly crop: Crop | undefined;
  /** Whether frames are flipped horizontally as they are read. */
  readonly mirrored: boolean;
  /** Metadata tags of the file, such as its title. */
  readonly tags: Readonly<Record<string, string>>;
  /** Side data of the first frame, such as HDR metadata. */
  readonly frameData: readonly SideData[];
  /** Side data of the video stream. */
  readonly streamData: readonly SideData[];
  /** Decoder that reads the alpha channel, if the default one does not. */
  readonly decoder: string | undefined;
  /** Set if the file has timestamp discontinuities; streams then have no duration. */
  readonly joined: TimestampDiscontinuity | undefined;
}

/** Returns the video stream to read: the default one or the first, but no attached picture. */
export function chooseVideo(file: ProbedFile, location: string): ProbedStream {
  const videos = file.streams.filter(({ codec_type }) => codec_type === "video");
  const candidates = videos.filter(({ disposition }) => !disposition?.attached_pic);
  const video = candidates.find(({ disposition }) => disposition?.default) ?? candidates[0];
  if (video) return video;
  const found = file.streams.map(({ codec_type, codec_name }) => `${codec_type} ${codec_name ?? ""}`.trim()).join(", ");
  const cover = videos.length > 0 ? "only an attached picture and " : "";
  if (found === "") {
    throw new UsageError(`${location}: cannot read the video: the file has no streams; it may be truncated`, {
      code: "input-unreadable",
    });
  }
  throw new UsageError(`${location}: cannot read the video: the file has no video stream (found ${cover}${found})`, {
    code: "input-unreadable",
  });
}

function fieldOrderOf(stream: ProbedStream, frame: ProbedFrame | undefined): VideoInfo["fieldOrder"] {
  if (stream.field_order === "progressive") return "progressive";
  // The flags of the container or stream may contradict those of the frame.
  if (frame?.interlaced_frame) return frame.top_field_first ? "tff" : "bff";
  if (stream.field_order === "tt" || stream.field_order === "tb") return "tff";
  return stream.field_order === "bb" || stream.field_order === "bt" ? "bff" : "progressive";
}

/** Tests whether two rates differ by at most 0.1%: the average in the header excludes the last frame's duration. */
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

/** Returns the number of frames in the header, without those that an edit list hides. */
function shownFrames({ nb_frames }: ProbedStream, duration: Rational | undefined, rate: Rational): number | undefined {
  if (nb_frames === undefined) return undefined;
  const stored = Number(nb_frames), shown = duration && Number(round(multiply(duration, rate)));
  return shown !== undefined && shown < stored - 1 ? shown : stored;
}

/** Returns the note on the matrix that is assumed for YUV without a tag. */
function assumedMatrix({ height }: VideoInfo): string {
  const [guess, rule] = height < 720 ? ["BT.601", "below 720 lines"] : ["BT.709", "from 720 lines on"];
  return `the color matrix is not tagged: ${guess} is assumed, as ${rule}`;
}

/**
 * Tests whether the matrix that is assumed for an untagged video is doubtful: many players take 1280 columns or more than 576
 * lines for HD, whose matrix is BT.709.
 */
function isDoubtful({ width, height }: VideoInfo): boolean {
  return (width >= 1280 || height > 576) !== (height >= 720);
}

/** Returns the assumptions about a video that are rarely wrong. */
function assumptionsOn(video: VideoInfo): string[] {
  const isUntagged = colorMeaning(video).guessed && video.color.matrix === undefined;
  return isUntagged && !isDoubtful(video) ? [assumedMatrix(video)] : [];
}

function notesOn(video: VideoInfo, pixelFormat: string, transport: Transport, displayed: DisplayTransform): string[] {
  const notes: string[] = [];
  const tagged = video.color.matrix, { matrix, guessed } = colorMeaning(video);
  if (guessed && tagged === undefined) {
    if (isDoubtful(video)) notes.push(`${assumedMatrix(video)}; players differ for this size`);
  } else if (guessed) notes.push(`the color matrix is tagged ${tagged}: the nearest supported one is used, ${matrix}`);
  if (video.fieldOrder !== "progressive") {
    const first = video.fieldOrder === "tff" ? "top" : "bottom";
    notes.push(
      `the video is interlaced (${first} field first), so moving edges will show combing; ` +
        "set `deinterlace` to convert it to progressive frames",
    );
  }
  if (!transport.lossless) notes.push(`pixel format ${pixelFormat} is read as ${transport.name}`);
  if (displayed.mirrored) notes.push("the display matrix mirrors the video: the output has mirrored pixels instead");
  if (displayed.odd) {
    notes.push("the display matrix has a rotation that is not a multiple of 90 degrees, which is ignored");
  }
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

/** Converts the output of ffprobe to the contract, and to the details that reading and writing need. */
export function describeMedia(
  location: string,
  { file, stream, frame, fields, alpha, scanned }: {
    readonly file: ProbedFile;
    readonly stream: ProbedStream;
    readonly frame: ProbedFrame | undefined;
    /** Detected fields, if the video is deinterlaced. */
    readonly fields?: DetectedFields | undefined;
    /** Alpha channel that is stored as a second image per frame. */
    readonly alpha?: HiddenAlpha | undefined;
    /** Result of scanning the packets. */
    readonly scanned?: ScannedTimestamps | undefined;
  },
): { readonly info: MediaInfo; readonly details: SourceDetails } {
  const plain = frame?.pix_fmt ?? stream.pix_fmt, decoder = plain === "yuv420p" ? alpha?.decoder : undefined;
  const pixelFormat = decoder ? "yuva420p" : plain;
  const timebase = parseRatio(stream.time_base);
  // The size in a damaged header may differ from that of the frames.
  const width = frame?.width ?? stream.width, height = frame?.height ?? stream.height;
  if (!pixelFormat || !timebase || !width || !height) {
    throw new UsageError(
      `${location}: cannot decode any frame of its video stream (${codecNameOf(stream)}): ${
        explainUndecodable(stream)
      }`,
      { code: "input-unreadable" },
    );
  }
  // Frames without alpha data decode as yuv420p, and become opaque.
  const transport = { ...transportOf(pixelFormat), ...decoder ? { converted: true } : {} };
  const displayed = rotationOf(stream, frame), found = colorOf(stream, frame);
  // Some recorders keep the tag of their RGB input; decoders reject it for 4:2:0.
  const isMistagged = transport.format.model === "yuv" && found.matrix === "gbr";
  const fieldOrder = fieldOrderOf(stream, frame);
  const crop = cropOf(stream, { width, height }, transport.format, fieldOrder !== "progressive");
  const { rate, constantRate } = rateOf(stream, fieldOrder !== "progressive");
  const first = frame?.pts ?? frame?.pkt_pts ?? frame?.best_effort_timestamp ?? stream.start_pts ?? 0;
  const inUnits = (units: number) => rational(BigInt(units) * timebase.num, timebase.den);
  const duration = scanned
    ? scanned.duration
    : stream.duration_ts !== undefined
    ? inUnits(stream.duration_ts)
    : parseSeconds(stream.tags?.DURATION) ?? parseSeconds(file.format.duration);
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
    frames: shownFrames(stream, duration, rate),
    duration,
    rotation: displayed.rotation,
    // For the stream, ffprobe reports the last value.
    sampleAspect: parseRatio(frame?.sample_aspect_ratio) ?? parseRatio(stream.sample_aspect_ratio) ?? rational(1),
    fieldOrder,
  };
  const video = fields ? deinterlaced(stored, fields) : stored;
  return {
    info: {
      location,
      container: containerOf(file.format.format_name, location),
      video,
      streams: file.streams.map(streamInfo),
      chapters: file.chapters.length,
      assumptions: assumptionsOn(video),
      notes: [
        ...isMistagged ? ["the color matrix is tagged gbr, which is invalid for YUV: the tag is ignored"] : [],
        ...crop
          ? [`the container crops ${width}×${height} to ${crop.width}×${crop.height}: only that region is read`]
          : [],
        ...notesOn(video, pixelFormat, transport, displayed),
        ...alpha && !video.format.alpha
          ? ["the alpha channel of this VP8 or VP9 video is not read: your ffmpeg has no libvpx"]
          : [],
        ...scanned?.joined ? ["its timestamps are discontinuous: its parts are joined without gaps"] : [],
      ],
    },
    details: {
      transport,
      // The duration of MPEG-TS excludes the last packet, which may contain some tenths of a second of audio.
      streams: scanned ? file.streams.map(({ duration_ts: _, ...stream }) => stream) : file.streams,
      chapters: file.chapters,
      crop,
      tags: file.format.tags ?? {},
      mirrored: displayed.mirrored,
      frameData: frame?.side_data_list ?? [],
      streamData: stream.side_data_list ?? [],
      decoder,
      joined: scanned?.joined,
    },
  };
}
