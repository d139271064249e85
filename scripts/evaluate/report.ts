import { meansOfSets, type ResultWithImages, type SequenceResult } from "@slomo/training/evaluation";
import { MEASURED, type Scores } from "@slomo/training/metrics";
import type { Cut } from "./frames.ts";

/** Everything that a report says. */
export interface Report {
  /** What was measured on, as it was named. */
  readonly data: string;
  /** Descriptions of the methods by name, in order. */
  readonly methods: Readonly<Record<string, string>>;
  /** Part of the data. */
  readonly cut: Cut;
  /** The sequences. */
  readonly results: readonly SequenceResult[];
  /** The worst pairs of the first method over all sequences, the worst first. */
  readonly worst: readonly ResultWithImages[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** The part of the data in words. */
export function cutText({ frames, limit, maxSize }: Cut): string {
  return [
    frames === undefined ? "all frames" : `the first ${frames} frames`,
    ...(limit === undefined ? [] : [`at most ${limit} held-out frames of each, evenly spread`]),
    maxSize === undefined
      ? "at their own size"
      : `shorter side at most ${maxSize} (bicubic, antialiased, in 8-bit RGB, before everything else)`,
  ].join("; ");
}

/** What was measured, for people: name and sentence. */
export function measuredFacts(report: Report): readonly (readonly [string, string])[] {
  return [
    ["data", `${report.data}: ${cutText(report.cut)}`],
    ...Object.entries(MEASURED),
    ...Object.entries(report.methods),
  ];
}

/** Decimals of each figure. */
export const COLUMNS: readonly (readonly [key: keyof Scores, title: string, decimals: number])[] = [
  ["psnr", "PSNR", 2],
  ["ssim", "SSIM", 4],
  ["ssimLuma", "SSIM Y", 4],
  ["ie", "IE", 2],
];

/** A figure as it is shown. */
export function shown(value: number, decimals: number): string {
  return value === Infinity ? "∞" : value.toFixed(decimals);
}

/** JSON has no infinity: it is written as a text. */
const plain = (scores: Scores) => ({ ...scores, psnr: scores.psnr === Infinity ? "Infinity" : scores.psnr });

const plainAll = (scores: Readonly<Record<string, Scores>>) =>
  Object.fromEntries(Object.entries(scores).map(([method, score]) => [method, plain(score)]));

/** The report for programs. */
export function reportJson(report: Report): string {
  const { data, methods, cut, results, worst, notes } = report;
  return JSON.stringify(
    {
      data,
      cut,
      measured: MEASURED,
      methods,
      sets: [...meansOfSets(results)].map(([name, mean]) => ({
        name,
        sequences: results.filter(({ set }) => set === name).length,
        mean: plainAll(mean),
      })),
      sequences: results.map(({ name, set, pairs, mean }) => ({
        name,
        set,
        mean: plainAll(mean),
        frames: pairs.map(({ name, scores }) => ({ name, scores: plainAll(scores) })),
      })),
      worst: worst.map(({ sequence, name, scores }) => ({ sequence, name, scores: plainAll(scores) })),
      notes,
    },
    null,
    2,
  );
}
