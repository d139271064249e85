import { compare, divide, floor, type Rational, rational, round } from "@slomo/core/time";
import { parseRatio, type ProbedChapter, type ProbedStream } from "../ffprobe.ts";
import type { WriteJob } from "./write_job.ts";
import { endOf, placed, type Placement } from "./placement.ts";

const escape = (text: string) => text.replace(/[=;#\\\n]/g, (character) => `\\${character}`);

const MILLION = 1_000_000n;

/** Formats chapters as ffmpeg metadata, with times of the output. Chapters outside the output are omitted. */
export function chapterText(chapters: readonly ProbedChapter[], placement: Placement): string {
  const lines = [";FFMETADATA1"];
  for (const { time_base, start, end, tags = {} } of chapters) {
    const unit = parseRatio(time_base);
    if (!unit) continue;
    const at = (ticks: number): Rational => rational(BigInt(ticks) * unit.num, unit.den);
    const from = placement.from && compare(at(start), placement.from) < 0 ? placement.from : at(start);
    const to = placement.to && compare(at(end), placement.to) > 0 ? placement.to : at(end);
    if (compare(from, to) >= 0) continue;
    const micros = (time: Rational) => {
      const { num, den } = placed(placement, time);
      const value = round({ num: num * MILLION, den });
      return value < 0n ? 0n : value;
    };
    lines.push("[CHAPTER]", "TIMEBASE=1/1000000", `START=${micros(from)}`, `END=${micros(to)}`);
    for (const [name, value] of Object.entries(tags)) lines.push(`${escape(name)}=${escape(value)}`);
  }
  return lines.join("\n") + "\n";
}

/**
 * Adapts chapters to mp4. Chapters without a title get one, because mp4 drops them. Chapters end with video and audio, because
 * the longest one would extend the file. Duplicates, which mp4 files contain because they store chapters twice, are removed.
 */
export function movieChapters(
  chapters: readonly ProbedChapter[],
  streams: readonly ProbedStream[],
): readonly ProbedChapter[] {
  const media = streams.filter(({ codec_type }) => codec_type === "video" || codec_type === "audio");
  const last = media.flatMap((stream) => endOf(stream) ?? []).reduce<Rational | undefined>(
    (latest, end) => latest && compare(latest, end) >= 0 ? latest : end,
    undefined,
  );
  return chapters.flatMap((chapter, index) => {
    const { time_base, start, end, tags } = chapter, unit = parseRatio(time_base), before = chapters[index - 1];
    const title = tags?.title ?? `Chapter ${index + 1}`;
    const limit = unit && last ? Number(floor(divide(last, unit))) : end;
    const isTwin = before?.end === end && before.tags?.title === title;
    if (start >= limit || isTwin) return [];
    return tags?.title !== undefined && end <= limit
      ? [chapter]
      : [{ ...chapter, end: Math.min(end, limit), tags: { ...tags, title } }];
  });
}

/** Writes the chapters to a file; returns `undefined` if they can be copied unchanged. */
export async function fitChapters(job: WriteJob, placement: Placement, path: string): Promise<string | undefined> {
  const { source, streams, container } = job, { slowdown, origin, from, to, retiming } = placement;
  if (!source || !streams.chapters) return undefined;
  const given = source.details.chapters, isMovie = container.rotation === "tag";
  const chapters = isMovie ? movieChapters(given, source.details.streams) : given;
  const isSame = chapters.length === given.length && chapters.every((chapter, index) => chapter === given[index]);
  if (isSame && slowdown.num === slowdown.den && origin.num === 0n && !from && !to && !retiming) return undefined;
  await Deno.writeTextFile(path, chapterText(chapters, placement));
  return path;
}
