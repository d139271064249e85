import type { MediaInfo, WriteOptions, WriterOptions } from "@slomo/core";
import type { FfmpegTools } from "../locate.ts";
import type { SourceDetails } from "../media_info.ts";
import { hasDisplayRotation } from "../version.ts";
import type { Container } from "./containers.ts";
import type { EncoderFacts } from "./encoder_facts.ts";
import { hdrParameters, sideDataOf } from "./side_data.ts";
import type { PixelChoice } from "./pixel_choice.ts";
import { audioEncoder, type StreamPlan } from "./streams.ts";
import { type VideoFilter, videoFilter } from "./video_filter.ts";

/** The source whose streams go along. */
export interface VideoSource {
  /** As probed. */
  readonly info: MediaInfo;
  /** The rest that is known of it. */
  readonly details: SourceDetails;
}

/** All that is settled about a video before its first frame. */
export interface WriteJob {
  /** The programs. */
  readonly tools: FfmpegTools;
  /** Container of the target. */
  readonly container: Container;
  /** Encoder of the video. */
  readonly encoder: EncoderFacts;
  /** Its options for quality and speed. */
  readonly quality: readonly string[];
  /** Pixel format that it is given. */
  readonly pixel: PixelChoice;
  /** Options of the plan and, once it is open, of the writer. */
  readonly options: WriteOptions & WriterOptions;
  /** Where other streams come from; `undefined` where there are none, as with images. */
  readonly source: VideoSource | undefined;
  /** Which of them go along. */
  readonly streams: StreamPlan;
  /** Frames a segment. */
  readonly segmentFrames: number;
}

/** Clockwise turns that are left to the player by a tag; the rest is done to the pixels. */
export function taggedRotation({ tools, container, options }: WriteJob): 0 | 90 | 180 | 270 {
  return container.rotation === "tag" && hasDisplayRotation(tools.version) ? options.rotation : 0;
}

/** Clockwise turns that are done to the pixels, because no tag can be written. */
export function pixelTurn(job: WriteJob): 0 | 90 | 180 | 270 {
  return taggedRotation(job) === 0 ? job.options.rotation : 0;
}

/** Order of the fields that the video's frames hold, `undefined` for whole frames. */
export function fieldOrder({ source }: Omit<WriteJob, "pixel" | "streams">): "tff" | "bff" | undefined {
  const order = source?.info.video.fieldOrder;
  return order === "tff" || order === "bff" ? order : undefined;
}

/** What is done to the frames on their way to the encoder. */
export function jobFilter(job: WriteJob): VideoFilter {
  return videoFilter(job.options.image, job.pixel, { turn: pixelTurn(job), fieldOrder: fieldOrder(job) });
}

/** Options of the video encoder. */
export function encoderArguments(job: WriteJob): readonly string[] {
  const { encoder, quality, container, source } = job, name = encoder.name;
  const isHevc = /^(libx265|hevc_|hevc$)/.test(name), isMp4 = container.rotation === "tag";
  const isInterlaced = fieldOrder(job) !== undefined && /^(libx264|mpeg2video|mpeg4|prores)/.test(name);
  const { width, height } = job.options.image, [stepX, stepY] = job.pixel.layout?.chroma ?? [1, 1];
  const isUneven = stepX === 4 || width % stepX !== 0 || height % stepY !== 0;
  const x265 = ["log-level=error", ...hdrParameters(source ? sideDataOf(source.details) : [])];
  return [
    ...["-c:v:0", name, ...quality],
    ...(name === "libx265" ? ["-x265-params", x265.join(":")] : []),
    // Slices of FFV1 lose chroma samples where their edges lie within one; only its first version has none at any size.
    ...(name === "ffv1" && isUneven ? ["-level", "1", "-slicecrc", "0"] : []),
    // VP8's frames that are decoded and not shown carry no alpha.
    ...(name === "libvpx" && job.pixel.layout?.alpha ? ["-auto-alt-ref", "0"] : []),
    ...(isHevc && isMp4 ? ["-tag:v:0", "hvc1"] : []),
    ...(isInterlaced ? ["-flags:v:0", "+ilme+ildct"] : []),
    // Else x264 begins with the top field, whatever the frames say.
    ...(name === "libx264" && fieldOrder(job) === "bff" ? ["-x264-params", "bff=1"] : []),
  ];
}

/** The video with its sound encoded anew instead of copied; `undefined` where none is copied. */
export function encodeAudio(job: WriteJob): WriteJob | undefined {
  const copies = job.streams.copies.map((copy) => {
    const isCopied = copy.stream.codec_type === "audio" && copy.codec === "copy";
    const encoder = isCopied ? audioEncoder(job.container, copy.stream) : undefined;
    return encoder === undefined ? copy : { ...copy, codec: encoder };
  });
  const isSame = copies.every((copy, position) => copy === job.streams.copies[position]);
  return isSame ? undefined : { ...job, streams: { ...job.streams, copies } };
}
