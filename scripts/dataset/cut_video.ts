import { annotateCuts, annotateDuplicates } from "@slomo/core/frames";
import type { Frame, MediaHandler, MediaInfo, MediaReader, MediaSource } from "@slomo/core";
import { toNumber } from "@slomo/core/time";
import { type Clip, cutClips, type Skipped } from "@slomo/training/data";
import { join } from "@std/path";
import { z } from "zod";
import { writeFileAtomic } from "@slomo/core/files";
import type { Video } from "./find_videos.ts";
import type { DatasetOptions } from "./options.ts";

/** A clip of a video; its split is chosen when all videos are cut. */
export type VideoClip = Omit<Clip, "split"> & {
  /** Fingerprint to find clips that are nearly the same. */
  readonly fingerprint: readonly number[];
};

/** Record of a video that was cut, stored beside the clips so that a later run can skip the video. */
export interface VideoRecord {
  /** Identifies the video, its revision and the options. */
  readonly key: string;
  /** Clips of the video. */
  readonly clips: readonly VideoClip[];
  /** Frames that were dropped, with the reason. */
  readonly skipped: readonly Skipped[];
}

/** Folder of the clips, and of the records of videos. */
export const CLIPS = "clips";
const MIN_FRAMES = 9;

const recordSchema: z.ZodType<VideoRecord> = z.object({
  key: z.string(),
  clips: z.array(z.object({
    file: z.string(),
    source: z.string(),
    frames: z.number(),
    width: z.number(),
    height: z.number(),
    rate: z.string().nullable(),
    start: z.number(),
    motion: z.number(),
    fingerprint: z.array(z.number()),
  })),
  skipped: z.array(z.object({ what: z.string(), why: z.string() })),
});

async function sourceFor(codecs: readonly MediaHandler[], location: string): Promise<MediaSource | undefined> {
  for (const { source } of codecs) if (source && await source.accepts(location)) return source;
  return undefined;
}

/** Returns a readable file name, unique for each video. */
function fileName(name: string): string {
  return encodeURIComponent(name).replaceAll("%", "~");
}

/** Reads the record of an earlier run, if the video, the options and the clips have not changed. */
async function readRecord(path: string, key: string, output: string): Promise<VideoRecord | undefined> {
  try {
    const record = recordSchema.parse(JSON.parse(await Deno.readTextFile(path)));
    if (record.key !== key) return undefined;
    for (const { file, frames, width, height } of record.clips) {
      if ((await Deno.stat(join(output, file))).size !== frames * width * height * 3) return undefined;
    }
    return record;
  } catch {
    return undefined;
  }
}

function rateOf(video: Video, info: MediaInfo): string | null {
  if (info.container === "images") return video.rate ?? null;
  const { num, den } = info.video.rate;
  return den === 1n ? `${num}` : `${num}/${den}`;
}

/** Yields the frames of a video up to the first that cannot be read, and reports that to `onError`. */
async function* readUntilError(frames: AsyncIterable<Frame>, onError: (error: Error) => void): AsyncGenerator<Frame> {
  try {
    yield* frames;
  } catch (error) {
    if (!(error instanceof Error) || error.name === "AbortError") throw error;
    onError(error);
  }
}

/**
 * Cuts a video into clips and writes them, unless an earlier run has done so.
 *
 * @returns The record; its `skipped` lists frames that cannot be read.
 */
export async function cutVideo(
  video: Video,
  options: DatasetOptions,
  codecs: readonly MediaHandler[],
  output: string,
  signal: AbortSignal,
): Promise<VideoRecord> {
  const { size, longest, minMotion, maxMotion, minRate, cuts } = options;
  const shortest = options.shortest ?? video.shortest ?? MIN_FRAMES;
  const key = JSON.stringify([video.name, video.revision, video.rate, {
    size,
    shortest,
    longest,
    minMotion,
    maxMotion,
    minRate,
    cuts,
  }]);
  const path = join(output, CLIPS, `${fileName(video.name)}.json`);
  const earlier = await readRecord(path, key, output);
  if (earlier) return earlier;

  const clips: VideoClip[] = [],
    skipped: Skipped[] = [],
    skip = (why: string) => skipped.push({ what: video.name, why });
  async function cut(reader: MediaReader): Promise<void> {
    const { info } = reader, rate = rateOf(video, info);
    const perSecond = rate === null ? Infinity : info.container === "images" ? Number(rate) : toNumber(info.video.rate);
    if (perSecond < minRate) return void skip(`${perSecond.toFixed(2)} frames a second are below ${minRate}`);
    const read = readUntilError(
      reader.frames({ signal, onWarning: skip }),
      (error) => skip(`it ends early: ${error.message}`),
    );
    const annotated = annotateDuplicates(annotateCuts(read, { threshold: cuts ?? Infinity }));
    for await (const result of cutClips(annotated, { size, shortest, longest, minMotion, maxMotion })) {
      if ("dropped" in result) {
        const { start, count, why } = result.dropped;
        skipped.push({ what: `${video.name} frames ${start} to ${start + count - 1}`, why });
        continue;
      }
      const { frames, fingerprint, motion, ...facts } = result.clip;
      const file = `${CLIPS}/${fileName(video.name)}-${String(facts.start).padStart(6, "0")}.rgb`;
      await writeFileAtomic(join(output, file), frames);
      const rounded = Math.round(motion * 1000) / 1000;
      clips.push({
        file,
        source: video.name,
        frames: frames.length,
        rate,
        motion: rounded,
        ...facts,
        fingerprint: [...fingerprint],
      });
    }
  }
  try {
    const source = await sourceFor(codecs, video.location);
    if (source) {
      const reader = await source.open(video.location, { signal });
      await cut(reader).finally(() => reader.close());
    } else skip("no media handler of the manifest reads it");
  } catch (error) {
    if (!(error instanceof Error) || signal.aborted || !["UsageError", "JobError"].includes(error.name)) throw error;
    skip(error.message);
  }
  signal.throwIfAborted();
  const record = { key, clips, skipped };
  await writeFileAtomic(path, JSON.stringify(record));
  return record;
}
