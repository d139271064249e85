import type { SequenceResult } from "@slomo/training/evaluation";
import type { Scores } from "@slomo/training/metrics";

/** Scores in a report, where an infinite PSNR is text. */
type Written = Readonly<Record<string, Omit<Scores, "psnr"> & { readonly psnr: number | "Infinity" }>>;

/** The part of a report that is read. */
interface Report {
  readonly sequences: readonly {
    readonly name: string;
    readonly mean: Written;
    readonly video?: Readonly<Record<string, number>>;
    readonly frames: readonly { readonly name: string; readonly motion?: number; readonly scores: Written }[];
  }[];
}

function scoresOf(written: Written): SequenceResult["mean"] {
  return Object.fromEntries(
    Object.entries(written).map(([method, scores]) => [method, { ...scores, psnr: Number(scores.psnr) }]),
  );
}

/** Reads the results of a report of `deno task evaluate --json`, as those of a set. */
export function readReport(text: string, set: string): SequenceResult[] {
  const { sequences }: Report = JSON.parse(text);
  return sequences.map(({ name, mean, video, frames }) => ({
    name,
    set,
    mean: scoresOf(mean),
    video,
    pairs: frames.map(({ name, motion, scores }) => ({ name, motion, scores: scoresOf(scores) })),
  }));
}
