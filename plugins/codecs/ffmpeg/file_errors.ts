import { lastError } from "./process.ts";

/** Meanings of ffmpeg's errors about input files: what is wrong with the file, and what to do. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /moov atom not found/,
    "it has no index (moov atom not found): it is truncated, its recording was not finished, or it is not a video; " +
    "copy it again, or repair it",
  ],
  [
    /End of file|ended prematurely|partial file|Input\/output error|Could not seek|Invalid argument|Truncating packet/i,
    "it ends too early: it is truncated, or the disk cannot read it; copy it again",
  ],
];

/** Says no more than that the file is invalid. */
const UNSPECIFIC = /Invalid data found when processing input$/;

/** Explains ffmpeg's errors about an input file; the error itself if its meaning is not known. */
export function explainErrors(errors: readonly string[]): string {
  const specific = errors.filter((line) => !UNSPECIFIC.test(line));
  const known = MEANINGS.find(([pattern]) => specific.some((line) => pattern.test(line)));
  if (known) return known[1];
  if (specific.length > 0) return lastError(specific).replace(/^\[[^\]]*\] /, "");
  return "ffmpeg finds no video format in it: it is not a video, is encrypted, or ends within its header; copy it again, " +
    "or convert it with the program that made it";
}

/** The part of a stream, as ffprobe describes it, that names its codec and encryption. */
interface CodedStream {
  readonly codec_name?: string;
  readonly codec_tag_string?: string;
  readonly side_data_list?: readonly { readonly side_data_type?: string }[];
}

/** Returns the name of a stream's codec, or the container's tag for it, if it has one. */
export function codecNameOf({ codec_name, codec_tag_string }: CodedStream): string {
  const tag = /^(\[\d+\])+$/.test(codec_tag_string ?? "") ? undefined : codec_tag_string;
  return codec_name ?? tag ?? "unknown codec";
}

/** Explains why no frame of a video stream can be decoded. */
export function explainUndecodable(stream: CodedStream): string {
  const isEncrypted = /^enc/.test(stream.codec_tag_string ?? "") ||
    stream.side_data_list?.some(({ side_data_type }) => /^Encryption/.test(`${side_data_type}`));
  if (isEncrypted) return "it is encrypted; decrypt it first";
  if (stream.codec_name === undefined) {
    return "your ffmpeg does not know its codec; convert the file with the program that made it";
  }
  return "it ends after its header, is damaged or encrypted, or your ffmpeg lacks the decoder; play it in another " +
    "program to check it";
}
