import { type Frame, JobError, type SegmentPlace, type SegmentSet, type SegmentSink } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { join } from "@std/path";
import { joinVideo } from "./join_video.ts";
import { type Segment, SEGMENTS, segmentSchema } from "./segment.ts";
import { checkJoinable, SegmentWriter } from "./segment_writer.ts";
import { checkTarget, removeIfThere } from "./target.ts";
import { placementOf, segmentLayout } from "./video_times.ts";
import type { WriteJob } from "./write_job.ts";
import { renameToTarget, videoFacts } from "./writer.ts";

/** Name of the file that records the video of a finished join. */
const JOINED = "joined.json";

/** Returns the name of a segment without its extension. */
const nameOf = (index: number) => String(index).padStart(6, "0");

/** Returns the name of the file that makes a segment complete. */
const recordOf = (index: number) => `${nameOf(index)}.json`;

/** A short name that no other process uses. */
const unique = () => crypto.randomUUID().slice(0, 8);

async function find(folder: string, index: number): Promise<Segment | undefined> {
  const text = await Deno.readTextFile(join(folder, recordOf(index))).catch(() => undefined);
  if (text === undefined) return undefined;
  const { data } = segmentSchema.safeParse(JSON.parse(text));
  return data && (await SEGMENTS.find(folder, [data])).done[0];
}

/**
 * Writes a file with its record. The record is renamed to its name at the end, which makes the segment complete. Of several
 * processes that write the same segment, the last one counts, and the files of the others are not used.
 */
async function writeSegment(
  job: WriteJob,
  { folder, index, count, span, until }: SegmentPlace,
  frames: AsyncIterable<Frame>,
): Promise<void> {
  const stem = `${nameOf(index)}-${unique()}`, path = join(folder, `${stem}.part`);
  let writer: SegmentWriter | undefined;
  try {
    for await (const frame of frames) {
      writer ??= new SegmentWriter(job, path, frame, placementOf(job, span.first));
      await writer.write(frame);
    }
    if (!writer) throw new JobError(`${job.options.location}: segment ${index} has no frames`);
    const segment = await writer.seal(until, count === 1), record = join(folder, `${stem}.json`);
    await writeFileAtomic(record, JSON.stringify(segment));
    await Deno.rename(record, join(folder, recordOf(index)));
  } catch (error) {
    await writer?.discard();
    throw error;
  }
}

/** Returns the size and the date of a file, which renaming does not change. */
async function identity(path: string): Promise<string | undefined> {
  const stat = await Deno.stat(path).catch(() => undefined);
  return stat && JSON.stringify({ bytes: stat.size, modified: stat.mtime?.getTime() });
}

async function joinSegments(
  planned: WriteJob,
  { folder, count, span, overwrite, signal, onWarning = () => {} }: SegmentSet,
): Promise<void> {
  const job = { ...planned, options: { ...planned.options, overwrite, signal } };
  const { location } = job.options, record = join(folder, JOINED);
  const joined = await Deno.readTextFile(record).catch(() => undefined);
  if (joined !== undefined && joined === await identity(location)) return;
  await checkTarget(location, overwrite, undefined);
  const segments: Segment[] = [], missing: number[] = [];
  for (let index = 0; index < count; index++) {
    const segment = await find(folder, index);
    if (segment) segments.push(segment);
    else missing.push(index);
  }
  if (missing.length > 0) {
    throw new JobError(
      `${location}: cannot join the segments: ${missing.length} of ${count} are missing: ${rangesOf(missing)}; ` +
        "make them first",
    );
  }
  checkJoinable(job, segments);
  const work = join(folder, `join-${unique()}`), list = `${work}.list`;
  await Deno.mkdir(work);
  try {
    const video = await joinVideo(job, segments, span, { folder, list, work }, onWarning);
    await writeFileAtomic(record, (await identity(video))!);
    await renameToTarget(job, video);
  } finally {
    await Deno.remove(work, { recursive: true }).catch(() => {});
    await removeIfThere(list);
  }
}

/** Returns numbers in ascending order as text: `0-3, 7`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}

/** Creates the sink for the segments of a planned video. */
export function segmentSink(planned: WriteJob): SegmentSink {
  return {
    frames: planned.segmentFrames,
    facts: () => videoFacts(planned),
    layout: (onWarning) => segmentLayout(planned, onWarning),
    record: recordOf,
    has: async ({ folder, index }) => await find(folder, index) !== undefined,
    write: (place, frames, signal) =>
      writeSegment({ ...planned, options: { ...planned.options, signal } }, place, frames),
    join: (segments) => joinSegments(planned, segments),
  };
}
