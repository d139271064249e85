import { add, type Rational, rational, subtract } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import { isJoinable } from "../discontinuity.ts";
import { fileArgument, type ProbedStream } from "../ffprobe.ts";
import { carriesEncoderDelay, hasExactCrossfade, hasMovieTimescale, passthrough } from "../version.ts";
import { attachedPictureArguments, type Covers, isAttachedPicture } from "./attached_pictures.ts";
import { encoderArguments, jobFilter, type WriteJob } from "./write_job.ts";
import { isExactContainer, type Placement, startOf } from "./placement.ts";
import { audioFilter, audioOptions } from "./audio.ts";
import { isSubtitle, type StreamCopy } from "./streams.ts";
import { hasCustomKeys } from "./tags.ts";

/** Encoders whose time base has 16 bits. */
const COARSE = /^(mpeg4|msmpeg4|libxvid|h263p?|mpeg[12]video|flv)$/;

const INT32 = 2n ** 31n - 1n;

/** Returns the time base of the encoder: that of the frames, or the nearest that the encoder supports. */
export function encoderTimebase({ encoder, options: { timebase, rate } }: WriteJob): Rational {
  if (rate && /^mpeg[12]video$/.test(encoder.name)) return rational(rate.den, rate.num);
  const limit = COARSE.test(encoder.name) ? 65535n : INT32;
  if (timebase.den <= limit && timebase.num <= limit) return timebase;
  if (rate && rate.num <= limit) return rational(rate.den, rate.num);
  return limit === INT32 ? rational(1, 1_000_000) : rational(1, 60_000);
}

/** Returns the time scale of an mp4 track, at least 10 000, so that players that round stay exact enough. */
function trackTimescale(den: bigint): bigint {
  return den >= 10_000n ? den : den * ((10_000n + den - 1n) / den);
}

/** Returns the options for the time scale of mp4. */
function timescaleArguments({ container, tools }: WriteJob, timebase: Rational): readonly string[] {
  if (container.rotation !== "tag") return [];
  const scale = `${trackTimescale(timebase.den)}`;
  return ["-video_track_timescale", scale, ...(hasMovieTimescale(tools.version) ? ["-movie_timescale", scale] : [])];
}

/** Returns the options of the muxer that writes the video. */
export function muxerArguments(job: WriteJob, timebase: Rational): readonly string[] {
  const { container } = job;
  if (container.rotation === "tag") {
    const keys = hasCustomKeys(job) ? "+use_metadata_tags" : "";
    return [...timescaleArguments(job, timebase), "-movflags", `+faststart${keys}`];
  }
  // Removing the frame rate from the header of Matroska would invalidate checksums, which players do not use.
  return container.milliseconds ? ["-write_crc32", "0", ...container.options] : container.options;
}

/**
 * Returns the source as an input with the timestamps of the output.
 *
 * @param from Time in the source at which it begins; `undefined` for its beginning.
 * @param delay Seconds that are added to timestamps. @default {0}
 */
export function sourceInput(
  job: WriteJob,
  placement: Placement,
  from: Rational | undefined,
  delay = rational(0),
): readonly string[] {
  const { info: { location }, details: { joined } } = job.source!, { first, origin, slowdown } = placement;
  // Timestamps are shifted, then scaled: (t + shift) · slowdown = first + (t − first) · slowdown − origin.
  const shift = subtract(subtract(rational(first.num * slowdown.den, first.den * slowdown.num), first), {
    num: origin.num * slowdown.den,
    den: origin.den * slowdown.num,
  });
  return [
    ...(from ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", decimal(from)] : []),
    ...offsetOption(add(add(shift, delay), joined?.start ?? rational(0)), job.source!),
    ...(slowdown.num === slowdown.den ? [] : ["-itsscale", decimal(slowdown, 12)]),
    ...["-i", fileArgument(location)],
  ];
}

/**
 * Returns the option that adds an offset to the timestamps of a source. Where ffmpeg expects discontinuities, an offset that
 * moves the start of the file to 0 makes it move the start of the mapped streams to 0 instead, so that late audio would lose
 * its delay. A microsecond more avoids that.
 */
function offsetOption(
  offset: Rational,
  { info: { container }, details: { streams, joined } }: NonNullable<WriteJob["source"]>,
): readonly string[] {
  const text = decimal(offset),
    isStart = (stream: ProbedStream) => {
      const start = startOf(stream);
      return start !== undefined && decimal(subtract(rational(0), start)) === text;
    };
  if (!joined && isJoinable(container) && streams.some(isStart)) {
    return ["-itsoffset", decimal(add(offset, rational(1, 1_000_000)))];
  }
  return offset.num === 0n ? [] : ["-itsoffset", text];
}

/** Dispositions that all supported versions of ffmpeg can set. */
const DISPOSITIONS = [
  ...["default", "dub", "original", "comment", "lyrics", "karaoke", "forced", "hearing_impaired", "visual_impaired"],
  ...["clean_effects", "attached_pic", "captions", "descriptions", "metadata", "dependent"],
];

/** Returns the disposition of a stream as an option: without one, ffmpeg marks the first stream of a kind as default. */
function dispositionOf(stream: ProbedStream | undefined): string {
  const { disposition = {} } = stream ?? {};
  return DISPOSITIONS.filter((name) => Reflect.get(disposition, name) === 1).join("+") || "0";
}

/** Files whose streams are copied. */
export interface CopiedFiles {
  /** Subtitles with times of the output; `undefined` to copy those of the source. */
  readonly subtitles: string | undefined;
  /** Attached pictures. */
  readonly covers: Covers;
  /** Chapters with times of the output; `undefined` to copy those of the source. */
  readonly chapters: string | undefined;
  /** Onsets of audio whose speed varies, in seconds of the source; none otherwise. */
  readonly onsets: ReadonlyMap<StreamCopy, readonly Rational[]>;
}

/** Returns the further inputs, and the maps and codecs of copied streams. */
export function copiedStreams(
  job: WriteJob,
  placement: Placement,
  { subtitles, covers, chapters, onsets }: CopiedFiles,
): { readonly inputs: string[]; readonly outputs: string[] } {
  const { source, streams, options } = job, inputs: string[] = [], outputs: string[] = [];
  if (!source || !options.copy) return { inputs, outputs };
  const { origin, slowdown, from, to, retiming } = placement, path = fileArgument(source.info.location);
  const { joined } = source.details, offset = joined?.start ?? rational(0);
  // The frames are input 0.
  let count = 0;
  const input = (...args: readonly string[]): number => {
    inputs.push(...args);
    return ++count;
  };
  const copied = input(...sourceInput(job, placement, from));

  // An encoded stream begins at the seek position of its input: only a filter trims it to the part.
  const isCut = ({ stream, codec, filtered }: StreamCopy) =>
    filtered || from !== undefined && stream.codec_type === "audio" && codec !== "copy";
  const untrimmed = streams.copies.some(isCut)
    ? input("-noaccurate_seek", ...offsetOption(offset, source), "-i", path)
    : copied;
  const texts = subtitles === undefined ? copied : input("-i", fileArgument(subtitles));
  const fitted = subtitles === undefined ? [] : streams.copies.filter(isSubtitle);
  outputs.push("-map_metadata", "1");
  const probed = source.details.streams.find(({ index }) => index === source.info.video.index);
  outputs.push("-disposition:0", dispositionOf(probed));
  const copies = streams.copies.filter((copy) => !covers.has(copy));
  copies.forEach((copy, position) => {
    const { stream, codec } = copy, index = position + 1, text = fitted.indexOf(copy);
    const isLate = copy.delay !== undefined && codec === "copy";
    const own = isLate ? input(...sourceInput(job, placement, from, copy.delay)) : copied;
    outputs.push("-map", text >= 0 ? `${texts}:${text}` : `${isCut(copy) ? untrimmed : own}:${stream.index}`);
    const cut = isCut(copy)
      ? audioFilter(stream, placement, options.copy!.audio === "stretch", {
        onsets: onsets.get(copy) ?? [],
        crossfades: hasExactCrossfade(job.tools.version),
      })
      : undefined;
    const late = copy.delay && !isLate ? `asetpts=PTS+${decimal(copy.delay)}/TB` : undefined;
    const filter = [cut, late].filter((filter) => filter !== undefined).join(",");
    if (stream.codec_type !== "audio" || codec === "copy") outputs.push(`-c:${index}`, codec);
    else outputs.push(...audioOptions(index, codec, stream, filter));
    outputs.push(`-disposition:${index}`, dispositionOf(stream));
    // Players of mp4 show this as the title of the track; the muxer has no other field for it.
    const title = job.container.rotation === "tag" ? stream.tags?.title : undefined;
    if (title !== undefined) outputs.push(`-metadata:s:${index}`, `handler_name=${title}`);
    // An attached picture is at time 0, before the part.
    if (codec === "copy" && from) outputs.push(`-copypriorss:${index}`, isAttachedPicture(copy) ? "1" : "0");
  });
  outputs.push(...attachedPictureArguments(covers, copies.length + 1));
  // Edit lists of mp4 hide audio: the encoder delay, or what was cut. Other containers would play it, and begin earlier.
  const keepsHidden = job.container.rotation === "tag" ||
    job.container.milliseconds && carriesEncoderDelay(job.tools.version);
  if (!from && !keepsHidden && isExactContainer(source.info.container)) outputs.push("-copypriorss:a", "0");
  if (!streams.chapters) outputs.push("-map_chapters", "-1");
  else if (chapters === undefined) outputs.push("-map_chapters", "1");
  else outputs.push("-map_chapters", `${input("-f", "ffmetadata", "-i", fileArgument(chapters))}`);
  if (to && slowdown.num === slowdown.den && !retiming) outputs.push("-t", decimal(subtract(to, origin)));
  const video = source.info.streams.find(({ index }) => index === source.info.video.index);
  if (video?.language) outputs.push("-metadata:s:v:0", `language=${video.language}`);
  if (video?.title) outputs.push("-metadata:s:v:0", `title=${video.title}`);
  return { inputs, outputs };
}

/** Returns the options for the video of an output: filter, encoder, tags and time base. */
export function videoArguments(job: WriteJob, timebase: Rational): readonly string[] {
  const { filters, options } = jobFilter(job);
  return [
    ...passthrough(job.tools.version),
    ...["-enc_time_base:v", `${timebase.num}/${timebase.den}`],
    ...(filters.length > 0 ? ["-filter:v:0", filters.join(",")] : []),
    ...options,
    ...encoderArguments(job),
  ];
}

/** Returns the command line that encodes frames, as NUT on its standard input, into a segment. */
export function segmentArguments(job: WriteJob, output: string): readonly string[] {
  const timebase = encoderTimebase(job);
  return [
    ...["-nostdin", "-v", "error", "-y", "-copyts", "-f", "nut", "-i", "pipe:0", "-map", "0:v:0"],
    ...[...videoArguments(job, timebase), ...timescaleArguments(job, timebase)],
    ...["-f", job.container.name, fileArgument(output)],
  ];
}
