import { add, type Rational, rational, subtract } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import { fileArgument } from "../ffprobe.ts";
import { carriesEncoderDelay, hasMovieTimescale, passthrough } from "../version.ts";
import { attachedPictureArguments, type Covers, isAttachedPicture } from "./attached_pictures.ts";
import { encoderArguments, jobFilter, type WriteJob } from "./write_job.ts";
import { isExactContainer, type Placement } from "./placement.ts";
import { audioFilter, audioOptions } from "./audio.ts";
import { isSubtitle, type StreamCopy } from "./streams.ts";
import { hasOwnKeys } from "./tags.ts";

/** Encoders whose clock has 16 bits. */
const COARSE = /^(mpeg4|msmpeg4|libxvid|h263p?|mpeg[12]video|flv)$/;

const INT32 = 2n ** 31n - 1n;

/** The unit of timestamps between us and the encoder: that of the frames, or the nearest that the encoder can hold. */
export function encoderTimebase({ encoder, options: { timebase, rate } }: WriteJob): Rational {
  if (rate && /^mpeg[12]video$/.test(encoder.name)) return rational(rate.den, rate.num);
  const limit = COARSE.test(encoder.name) ? 65535n : INT32;
  if (timebase.den <= limit && timebase.num <= limit) return timebase;
  if (rate && rate.num <= limit) return rational(rate.den, rate.num);
  return limit === INT32 ? rational(1, 1_000_000) : rational(1, 60_000);
}

/** Units a second of an mp4 track, at least 10 000: finer ones let players that round live with it. */
function trackTimescale(den: bigint): bigint {
  return den >= 10_000n ? den : den * ((10_000n + den - 1n) / den);
}

/** Options of an mp4's clock. */
function clockArguments({ container, tools }: WriteJob, timebase: Rational): readonly string[] {
  if (container.rotation !== "tag") return [];
  const scale = `${trackTimescale(timebase.den)}`;
  return ["-video_track_timescale", scale, ...(hasMovieTimescale(tools.version) ? ["-movie_timescale", scale] : [])];
}

/** Options of the muxer that writes the video. */
export function muxerArguments(job: WriteJob, timebase: Rational): readonly string[] {
  const { container } = job;
  if (container.rotation === "tag") {
    const keys = hasOwnKeys(job) ? "+use_metadata_tags" : "";
    return [...clockArguments(job, timebase), "-movflags", `+faststart${keys}`];
  }
  // Matroska's check sums would no longer fit once the header's rate is taken out; players don't look at them.
  return container.milliseconds ? ["-write_crc32", "0", ...container.options] : container.options;
}

/** The source as an input whose times are those of the output, read from a time in the source, or from its beginning. */
export function sourceInput(job: WriteJob, placement: Placement, from: Rational | undefined): readonly string[] {
  const { info: { location }, details: { joined } } = job.source!, { first, origin, slowdown } = placement;
  // Stamps are shifted, then scaled: (t + shift) · slowdown = first + (t − first) · slowdown − origin.
  const shift = subtract(subtract(rational(first.num * slowdown.den, first.den * slowdown.num), first), {
    num: origin.num * slowdown.den,
    den: origin.den * slowdown.num,
  });
  return [
    ...(from ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", decimal(from)] : []),
    ...laid(add(shift, joined?.start ?? rational(0))),
    ...(slowdown.num === slowdown.den ? [] : ["-itsscale", decimal(slowdown, 12)]),
    ...["-i", fileArgument(location)],
  ];
}

const laid = (offset: Rational): readonly string[] => offset.num === 0n ? [] : ["-itsoffset", decimal(offset)];

/** What goes along from files of its own. */
export interface CopiedFiles {
  /** Those subtitles that go along, at their times in the output; `undefined` to take the source's. */
  readonly subtitles: string | undefined;
  /** Covers that are attached. */
  readonly covers: Covers;
  /** Chapters at their times in the output; `undefined` to take the source's. */
  readonly chapters: string | undefined;
}

/** The inputs beside the frames, and the maps and codecs of the streams that go along. */
export function copiedStreams(
  job: WriteJob,
  placement: Placement,
  { subtitles, covers, chapters }: CopiedFiles,
): { readonly inputs: string[]; readonly outputs: string[] } {
  const { source, streams, options } = job, inputs: string[] = [], outputs: string[] = [];
  if (!source || !options.copy) return { inputs, outputs };
  const { origin, slowdown, from, to } = placement, path = fileArgument(source.info.location);
  const { joined } = source.details, own = joined?.start ?? rational(0);
  // The frames are input 0.
  let count = 0;
  const input = (...args: readonly string[]): number => {
    inputs.push(...args);
    return ++count;
  };
  const copied = input(...sourceInput(job, placement, from));

  // What is encoded begins where its input was sought to: only a filter makes it begin with the part.
  const isCut = ({ stream, codec, filtered }: StreamCopy) =>
    filtered || from !== undefined && stream.codec_type === "audio" && codec !== "copy";
  const whole = streams.copies.some(isCut) ? input("-noaccurate_seek", ...laid(own), "-i", path) : copied;
  const texts = subtitles === undefined ? copied : input("-i", fileArgument(subtitles));
  const fitted = subtitles === undefined ? [] : streams.copies.filter(isSubtitle);
  outputs.push("-map_metadata", "1");
  const copies = streams.copies.filter((copy) => !covers.has(copy));
  copies.forEach((copy, position) => {
    const { stream, codec } = copy, index = position + 1, text = fitted.indexOf(copy);
    outputs.push("-map", text >= 0 ? `${texts}:${text}` : `${isCut(copy) ? whole : copied}:${stream.index}`);
    const filter = isCut(copy) ? audioFilter(stream, placement, options.copy!.audio === "stretch") : undefined;
    if (stream.codec_type !== "audio" || codec === "copy") outputs.push(`-c:${index}`, codec);
    else outputs.push(...audioOptions(index, codec, stream, filter));
    // Players of mp4 show this as the track's title, of which the muxer has no other place.
    const title = job.container.rotation === "tag" ? stream.tags?.title : undefined;
    if (title !== undefined) outputs.push(`-metadata:s:${index}`, `handler_name=${title}`);
    // A cover stands before any part.
    if (codec === "copy" && from) outputs.push(`-copypriorss:${index}`, isAttachedPicture(copy) ? "1" : "0");
  });
  outputs.push(...attachedPictureArguments(covers, copies.length + 1));
  // An edit list of mp4 hides the encoder's delay. Matroska has none: with the delay in it, the video would begin later.
  const hidesDelay = isExactContainer(source.info.container) && !carriesEncoderDelay(job.tools.version);
  if (job.container.milliseconds && !from && hidesDelay) outputs.push("-copypriorss:a", "0");
  if (!streams.chapters) outputs.push("-map_chapters", "-1");
  else if (chapters === undefined) outputs.push("-map_chapters", "1");
  else outputs.push("-map_chapters", `${input("-f", "ffmetadata", "-i", fileArgument(chapters))}`);
  if (to && slowdown.num === slowdown.den) outputs.push("-t", decimal(subtract(to, origin)));
  const video = source.info.streams.find(({ index }) => index === source.info.video.index);
  if (video?.language) outputs.push("-metadata:s:v:0", `language=${video.language}`);
  if (video?.title) outputs.push("-metadata:s:v:0", `title=${video.title}`);
  return { inputs, outputs };
}

/** Options of an output's video: filter, encoder, tags, clock. */
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

/** The command line that takes frames as NUT on its standard input and writes them, encoded, as a part of the video. */
export function segmentArguments(job: WriteJob, output: string): readonly string[] {
  const timebase = encoderTimebase(job);
  return [
    ...["-nostdin", "-v", "error", "-y", "-copyts", "-f", "nut", "-i", "pipe:0", "-map", "0:v:0"],
    ...[...videoArguments(job, timebase), ...clockArguments(job, timebase)],
    ...["-f", job.container.name, fileArgument(output)],
  ];
}
