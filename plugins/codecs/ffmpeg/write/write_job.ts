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

/** A source whose streams are copied. */
export interface VideoSource {
  /** Description of the source. */
  readonly info: MediaInfo;
  /** Further properties. */
  readonly details: SourceDetails;
}

/** Everything that is decided before the first frame is written. */
export interface WriteJob {
  /** The programs. */
  readonly tools: FfmpegTools;
  /** Container of the target. */
  readonly container: Container;
  /** Encoder of the video. */
  readonly encoder: EncoderFacts;
  /** Options of the encoder for quality and speed. */
  readonly quality: readonly string[];
  /** Pixel format of the encoder. */
  readonly pixel: PixelChoice;
  /** Options of the plan and, once it is open, of the writer. */
  readonly options: WriteOptions & WriterOptions;
  /** Source of copied streams; `undefined` for images. */
  readonly source: VideoSource | undefined;
  /** Streams to copy. */
  readonly streams: StreamPlan;
  /** Frames per segment. */
  readonly segmentFrames: number;
}

/** Returns the clockwise rotation that a tag stores. */
export function taggedRotation({ tools, container, options }: WriteJob): 0 | 90 | 180 | 270 {
  return container.rotation === "tag" && hasDisplayRotation(tools.version) ? options.rotation : 0;
}

/** Returns the clockwise rotation of the pixels, if no tag can store it. */
export function pixelRotation(job: WriteJob): 0 | 90 | 180 | 270 {
  return taggedRotation(job) === 0 ? job.options.rotation : 0;
}

/** Returns the field order of interlaced frames; `undefined` for progressive ones. */
export function fieldOrder({ source }: Omit<WriteJob, "pixel" | "streams">): "tff" | "bff" | undefined {
  const order = source?.info.video.fieldOrder;
  return order === "tff" || order === "bff" ? order : undefined;
}

/** Returns the filters between pipe and encoder. */
export function jobFilter(job: WriteJob): VideoFilter {
  return videoFilter(job.options.image, job.pixel, { rotation: pixelRotation(job), fieldOrder: fieldOrder(job) });
}

/** Tests whether a frame is so small that slices of FFV1 are empty or refused. */
export function isTiny({ width, height }: { readonly width: number; readonly height: number }): boolean {
  return Math.min(width, height) < 16;
}

/** Returns the options of the video encoder. */
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
    // Slices of FFV1 lose chroma samples at their edges if sizes are uneven, and those of tiny frames are empty or refused;
    // only version 1 has no slices.
    ...(name === "ffv1" && (isUneven || isTiny(job.options.image)) ? ["-level", "1", "-slicecrc", "0"] : []),
    // Hidden alternate reference frames of VP8 have no alpha.
    ...(name === "libvpx" && job.pixel.layout?.alpha ? ["-auto-alt-ref", "0"] : []),
    ...(isHevc && isMp4 ? ["-tag:v:0", "hvc1"] : []),
    ...(isInterlaced ? ["-flags:v:0", "+ilme+ildct"] : []),
    // Without it, x264 assumes top field first.
    ...(name === "libx264" && fieldOrder(job) === "bff" ? ["-x264-params", "bff=1"] : []),
  ];
}

/** Returns the job with audio encoded instead of copied; `undefined` if no audio is copied. */
export function encodeAudio(job: WriteJob): WriteJob | undefined {
  const copies = job.streams.copies.map((copy) => {
    const isCopied = copy.stream.codec_type === "audio" && copy.codec === "copy";
    const encoder = isCopied ? audioEncoder(job.container, copy.stream) : undefined;
    return encoder === undefined ? copy : { stream: copy.stream, codec: encoder, filtered: copy.filtered };
  });
  const isSame = copies.every((copy, position) => copy === job.streams.copies[position]);
  return isSame ? undefined : { ...job, streams: { ...job.streams, copies } };
}
