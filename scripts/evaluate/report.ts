import {
  meansOfMotion,
  meansOfSets,
  type ResultWithImages,
  type SequenceResult,
  videoMeansOfSets,
} from "@slomo/training/evaluation";
import { MEASURED, MOTION_CLASSES, type Scores } from "@slomo/training/metrics";
import type { Subset } from "./frames.ts";

/** Content of a report. */
export interface Report {
  /** Location of the data, as on the command line. */
  readonly data: string;
  /** Descriptions of the methods by name, in order. */
  readonly methods: Readonly<Record<string, string>>;
  /** Part of the data. */
  readonly subset: Subset;
  /** Results by sequence. */
  readonly results: readonly SequenceResult[];
  /** Worst frames over all sequences by method, worst first. */
  readonly worst: ReadonlyMap<string, readonly ResultWithImages[]>;
  /** The metric of videos, if there is one: its title and its description. */
  readonly metric: { readonly title: string; readonly description: string } | undefined;
  /** Skipped sources and frames, with the reason. */
  readonly notes: readonly string[];
}

/** Describes a subset of the data in words. */
export function subsetText({ frames, limit, maxSize }: Subset): string {
  return [
    frames === undefined ? "all frames" : `the first ${frames} frames`,
    ...(limit === undefined ? [] : [`at most ${limit} held-out frames of each, evenly spread`]),
    maxSize === undefined
      ? "at their own size"
      : `shorter side at most ${maxSize} (bicubic, antialiased, in 8-bit RGB, before everything else)`,
  ].join("; ");
}

/** Describes the classes of motion. */
function motionText(): string {
  const classes = MOTION_CLASSES.map(([name, from], i) => {
    const to = MOTION_CLASSES[i + 1]?.[1];
    return `${name} ${to === undefined ? `${from} or more` : from === 0 ? `below ${to}` : `${from} to ${to}`}`;
  });
  return `pixels between the source frames that 90 % of the textured blocks do not exceed: ${classes.join(", ")}`;
}

/** Returns the descriptions of the data, the metrics and the methods, by name. */
export function measuredFacts(report: Report): readonly (readonly [string, string])[] {
  return [
    ["data", `${report.data}: ${subsetText(report.subset)}`],
    ...Object.entries(MEASURED),
    ...report.metric ? [[report.metric.title, report.metric.description] as const] : [],
    ["motion", motionText()],
    ...Object.entries(report.methods),
  ];
}

/** Columns of a report, with the number of decimals. */
export const COLUMNS: readonly (readonly [key: keyof Scores, title: string, decimals: number])[] = [
  ["psnr", "PSNR", 2],
  ["ssim", "SSIM", 4],
  ["ssimLuma", "SSIM Y", 4],
  ["ie", "IE", 2],
];

/** Formats a score. */
export function shown(value: number, decimals: number): string {
  return value === Infinity ? "∞" : value.toFixed(decimals);
}

/** Replaces infinity, which JSON does not have, by a string. */
const plain = (scores: Scores) => ({ ...scores, psnr: scores.psnr === Infinity ? "Infinity" : scores.psnr });

const plainAll = (scores: Readonly<Record<string, Scores>>) =>
  Object.fromEntries(Object.entries(scores).map(([method, score]) => [method, plain(score)]));

/** Returns the report as JSON. */
export function reportJson(report: Report): string {
  const { data, methods, subset, results, worst, notes, metric } = report, videos = videoMeansOfSets(results);
  return JSON.stringify(
    {
      data,
      cut: subset,
      measured: MEASURED,
      methods,
      sets: [...meansOfSets(results)].map(([name, mean]) => ({
        name,
        sequences: results.filter(({ set }) => set === name).length,
        mean: plainAll(mean),
        video: videos.get(name),
      })),
      videoMetric: metric?.title,
      motion: meansOfMotion(results).map(({ name, frames, mean }) => ({ name, frames, mean: plainAll(mean) })),
      sequences: results.map(({ name, set, pairs, mean, video }) => ({
        name,
        set,
        mean: plainAll(mean),
        video,
        frames: pairs.map(({ name, motion, scores }) => ({ name, motion, scores: plainAll(scores) })),
      })),
      worst: [...worst].flatMap(([method, frames]) =>
        frames.map(({ sequence, name, scores }) => ({ of: method, sequence, name, scores: plainAll(scores) }))
      ),
      notes,
    },
    null,
    2,
  );
}
