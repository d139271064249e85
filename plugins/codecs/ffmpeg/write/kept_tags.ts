import type { Color, DroppedItem } from "@slomo/core";
import { colorMeaning } from "@slomo/core/frames";
import { colorOf } from "../color_tags.ts";
import type { ProbedFrame, ProbedStream } from "../ffprobe.ts";
import { fieldOrder, jobFilter, type WriteJob } from "./write_job.ts";
import type { PixelChoice } from "./pixel_choice.ts";

/** Color matrices with the same coefficients. */
const SAME: Readonly<Record<string, string>> = { bt470bg: "smpte170m" };

const sameMatrix = (a: string, b: string) => (SAME[a] ?? a) === (SAME[b] ?? b);

/** Streams in the output of a trial; the first one is the video. */
export interface TrialFile {
  /** Its streams. */
  readonly streams: readonly ProbedStream[];
  /** First frame of the video, if it can be decoded. */
  readonly frame: ProbedFrame | undefined;
}

/**
 * Adapts the pixel format to the tags of a trial's output: lists the tags that encoder and container do not keep, and converts
 * pixels to the range and matrix with which the output is decoded.
 *
 * @param file The file that the trial has written.
 */
export function keepTags(job: WriteJob, { streams: [stream], frame }: TrialFile): PixelChoice {
  const { pixel, encoder, container, options: { image } } = job;
  if (!stream || !pixel.layout) return pixel;
  const found = colorOf(stream, frame);
  const where = `${encoder.name} in ${container.name}`, given = jobFilter(job).color, dropped: DroppedItem[] = [];
  const lose = (what: string, why = `this ffmpeg does not write it with ${where}`) => dropped.push({ what, why });
  const meaning = (color: Color) => colorMeaning({ ...image, format: pixel.layout!, color });
  const [wanted, shown] = [meaning(given), meaning({ ...found, matrix: found.matrix ?? given.matrix })];
  const isYuv = pixel.layout.model === "yuv", isOtherRange = isYuv && wanted.range !== shown.range;
  const isOtherMatrix = isYuv && !sameMatrix(wanted.matrix, shown.matrix);
  if (isOtherRange) lose(`${wanted.range} range`, `${where} is decoded as ${shown.range} range, so it is converted`);
  if (isOtherMatrix) {
    lose(`color matrix ${wanted.matrix}`, `${where} is decoded as ${shown.matrix}, so it is converted`);
  } else if (isYuv && given.matrix && !found.matrix) lose(`matrix tag ${given.matrix}`);
  if (given.primaries && found.primaries !== given.primaries) lose(`primaries tag ${given.primaries}`);
  if (given.transfer && found.transfer !== given.transfer) lose(`transfer tag ${given.transfer}`);
  const location = image.format.chroma[1] === pixel.layout.chroma[1] ? given.chromaLocation : undefined;
  if (location && location !== "left" && found.chromaLocation !== location) lose(`chroma location ${location}`);
  if (fieldOrder(job) && !frame?.interlaced_frame) {
    lose("the interlaced flag", `${where} cannot store it; set \`deinterlace\` to write progressive frames`);
  }
  const readAs = isOtherRange || isOtherMatrix
    ? { range: shown.range, matrix: isOtherMatrix ? shown.matrix : undefined }
    : undefined;
  return { ...pixel, dropped: [...pixel.dropped, ...dropped], ...(readAs ? { readAs } : {}) };
}
