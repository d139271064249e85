import type { Color, DroppedItem } from "@slomo/core";
import { colorMeaning } from "@slomo/core/frames";
import { colorOf } from "../color_tags.ts";
import { type ProbedFrame, probeFile } from "../ffprobe.ts";
import { firstFrame } from "../showinfo.ts";
import { fieldOrder, jobFilter, type WriteJob } from "./write_job.ts";
import type { PixelChoice } from "./pixel_choice.ts";

/** Matrices of the same coefficients. */
const SAME: Readonly<Record<string, string>> = { bt470bg: "smpte170m" };

const sameMatrix = (a: string, b: string) => (SAME[a] ?? a) === (SAME[b] ?? b);

/** The tags of a video with one video stream, `undefined` where this ffprobe cannot read it. */
async function tagsIn(
  { tools, container }: WriteJob,
  path: string,
): Promise<{ readonly color: Color; readonly frame: ProbedFrame | undefined } | undefined> {
  try {
    const [stream] = (await probeFile(tools, path, container.name)).streams;
    const frame = stream && await firstFrame(tools, path, stream.index, container.name);
    return stream && { color: colorOf(stream, frame), frame };
  } catch {
    return undefined;
  }
}

/**
 * The video's pixels as a trial shows that they must be: what encoder and container have no room to say of them is named as
 * lost, and levels that would be read by another range or matrix are converted to it.
 *
 * @param path The video that came of the trial.
 */
export async function keepTags(job: WriteJob, path: string): Promise<PixelChoice> {
  const { pixel, encoder, container, options: { image } } = job, found = await tagsIn(job, path);
  if (!found || !pixel.layout) return pixel;
  const where = `${encoder.name} in ${container.name}`, given = jobFilter(job).color, dropped: DroppedItem[] = [];
  const lose = (what: string, why = `this ffmpeg does not write it with ${where}`) => dropped.push({ what, why });
  const meaning = (color: Color) => colorMeaning({ ...image, format: pixel.layout!, color });
  const [wanted, shown] = [meaning(given), meaning({ ...found.color, matrix: found.color.matrix ?? given.matrix })];
  const isYuv = pixel.layout.model === "yuv", isOtherRange = isYuv && wanted.range !== shown.range;
  const isOtherMatrix = isYuv && !sameMatrix(wanted.matrix, shown.matrix);
  if (isOtherRange) lose(`${wanted.range} range`, `${where} is decoded as ${shown.range} range, so it is converted`);
  if (isOtherMatrix) {
    lose(`color matrix ${wanted.matrix}`, `${where} is decoded as ${shown.matrix}, so it is converted`);
  } else if (isYuv && given.matrix && !found.color.matrix) lose(`matrix tag ${given.matrix}`);
  if (given.primaries && found.color.primaries !== given.primaries) lose(`primaries tag ${given.primaries}`);
  if (given.transfer && found.color.transfer !== given.transfer) lose(`transfer tag ${given.transfer}`);
  const location = image.format.chroma[1] === pixel.layout.chroma[1] ? given.chromaLocation : undefined;
  if (location && location !== "left" && found.color.chromaLocation !== location) lose(`chroma location ${location}`);
  if (fieldOrder(job) && !found.frame?.interlaced_frame) {
    lose("the interlaced flag", `${where} cannot store it; set \`deinterlace\` to write progressive frames`);
  }
  const readAs = isOtherRange || isOtherMatrix
    ? { range: shown.range, matrix: isOtherMatrix ? shown.matrix : undefined }
    : undefined;
  return { ...pixel, dropped: [...pixel.dropped, ...dropped], ...(readAs ? { readAs } : {}) };
}
