import { join } from "@std/path";
import { fileArgument } from "../ffprobe.ts";
import { runProcess } from "../process.ts";
import type { WriteJob } from "./write_job.ts";
import type { StreamCopy } from "./streams.ts";

/** Endings and kinds of a cover's file, by its codec. */
const KINDS: Readonly<Record<string, readonly [ending: string, mimetype: string]>> = {
  mjpeg: ["jpg", "image/jpeg"],
  png: ["png", "image/png"],
};

/** Whether it is a cover picture. */
export const isAttachedPicture = ({ stream }: StreamCopy): boolean => stream.disposition?.attached_pic === 1;

/** Whether covers go along as attachments: as streams they would be further videos in Matroska. */
export function attachesPictures({ container }: Pick<WriteJob, "container">): boolean {
  return container.cover && container.attachments;
}

/** Covers by what is copied of the source, as files of their own. */
export type Covers = ReadonlyMap<StreamCopy, string>;

/** Writes the covers that are to be attached into files; one that cannot be goes along as a stream. */
export async function extractAttachedPictures(job: WriteJob, folder: string): Promise<Covers> {
  const { tools, source, streams, options: { signal } } = job, covers = new Map<StreamCopy, string>();
  if (!source || !attachesPictures(job)) return covers;
  for (const copy of streams.copies.filter((copy) => isAttachedPicture(copy) && copy.stream.codec_name! in KINDS)) {
    const path = join(folder, `cover-${copy.stream.index}`);
    const { code } = await runProcess(tools.ffmpeg, [
      ...["-nostdin", "-v", "error", "-y", "-i", fileArgument(source.info.location), "-map", `0:${copy.stream.index}`],
      ...["-c", "copy", "-frames:v", "1", "-f", "image2", "-update", "1", fileArgument(path)],
    ], { signal });
    if (code === 0) covers.set(copy, path);
  }
  return covers;
}

/** Options that attach covers, the first of which becomes the output's stream `index`. */
export function attachedPictureArguments(covers: Covers, index: number): readonly string[] {
  return [...covers].flatMap(([{ stream: { codec_name, tags } }, path], position) => {
    const [ending, mimetype] = KINDS[codec_name!]!, metadata = `-metadata:s:${index + position}`;
    const name = tags?.filename ?? tags?.FILENAME ?? `cover.${ending}`;
    return ["-attach", fileArgument(path), metadata, `mimetype=${mimetype}`, metadata, `filename=${name}`];
  });
}
