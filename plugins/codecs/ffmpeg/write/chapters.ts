import { compare, type Rational, rational, round } from "@slomo/core";
import type { ProbedChapter } from "../ffprobe.ts";
import { parseRatio } from "../media_info.ts";
import { placed, type Placement } from "./placement.ts";

const escape = (text: string) => text.replace(/[=;#\\\n]/g, (character) => `\\${character}`);

const MILLION = 1_000_000n;

/** Chapters at their times in the output, as a `data:` address of ffmpeg's metadata format; those outside are left out. */
export function chapterInput(chapters: readonly ProbedChapter[], placement: Placement): string {
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
  const bytes = new TextEncoder().encode(lines.join("\n") + "\n");
  return `data:text/plain;base64,${bytes.toBase64()}`;
}
