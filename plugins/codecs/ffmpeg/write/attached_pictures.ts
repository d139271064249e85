import { join } from "@std/path";
import { fileArgument } from "../ffprobe.ts";
import { runProcess } from "../process.ts";
import type { WriteJob } from "./write_job.ts";
import type { StreamCopy } from "./streams.ts";

/** File extension and MIME type of an attached picture, by codec. */
const KINDS: Readonly<Record<string, readonly [ending: string, mimetype: string]>> = {
  mjpeg: ["jpg", "image/jpeg"],
  png: ["png", "image/png"],
};

/** Tests whether a stream is an attached picture, such as cover art. */
export const isAttachedPicture = ({ stream }: StreamCopy): boolean => stream.disposition?.attached_pic === 1;

/** Tests whether attached pictures are written as attachments: in Matroska they would be video streams otherwise. */
export function attachesPictures({ container }: Pick<WriteJob, "container">): boolean {
  return container.cover && container.attachments;
}

/** Paths of extracted pictures by stream. */
export type Covers = ReadonlyMap<StreamCopy, string>;

/** Extracts the attached pictures into files. A picture for which this fails is copied as a stream. */
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

/** Returns the options that attach pictures, the first as stream `index` of the output. */
export function attachedPictureArguments(covers: Covers, index: number): readonly string[] {
  return [...covers].flatMap(([{ stream: { codec_name, tags } }, path], position) => {
    const [ending, mimetype] = KINDS[codec_name!]!, metadata = `-metadata:s:${index + position}`;
    const name = tags?.filename ?? tags?.FILENAME ?? `cover.${ending}`;
    return ["-attach", fileArgument(path), metadata, `mimetype=${mimetype}`, metadata, `filename=${name}`];
  });
}
