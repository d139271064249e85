import {
  meansOfMotion,
  meansOfSets,
  type ScoresByMethod,
  type SequenceResult,
  videoMeansOfSets,
} from "@slomo/training/evaluation";
import { COLUMNS, measuredFacts, type Report, shown } from "./report.ts";

/** Columns that fit a terminal; JSON and HTML have all columns. */
const SHOWN = COLUMNS.filter(([key]) => key !== "ssimLuma");

/** Width of a column in characters. */
const WIDTH = 7;

type Row = Pick<SequenceResult, "video"> & { readonly mean: ScoresByMethod };

function cells({ mean, video }: Row, methods: readonly string[], hasVideo: boolean): string {
  return methods.map((method) => {
    const scores = SHOWN.map(([key, , decimals]) => shown(mean[method]![key], decimals));
    if (hasVideo) scores.push(video ? shown(video[method]!, 2) : "–");
    return scores.map((score) => score.padStart(WIDTH)).join("");
  }).join("  ");
}

/** Returns the report for a terminal: one row per sequence, the means of each set, the worst frames, and the metrics. */
export function reportTable(report: Report): string {
  const { results, worst } = report, methods = Object.keys(report.methods);
  const names = [...results.map(({ name }) => name), ...results.map(({ set }) => `mean of ${set}`), "medium motion"];
  const first = Math.max(...names.map((name) => name.length)), count = 6;
  const { metric } = report, videos = videoMeansOfSets(results), hasVideo = metric !== undefined;
  const titles = [...SHOWN.map(([, title]) => title), ...hasVideo ? [metric.title] : []];
  const group = titles.length * WIDTH;
  const lines = [
    " ".repeat(first + count) + methods.map((method) => method.padStart(group)).join("  "),
    "sequence".padEnd(first) + "frames".padStart(count) +
    methods.map(() => titles.map((title) => title.padStart(WIDTH)).join("")).join("  "),
  ];
  for (const [set, mean] of meansOfSets(results)) {
    const members = results.filter((result) => result.set === set);
    for (const { name, pairs, ...row } of members) {
      lines.push(name.padEnd(first) + `${pairs.length}`.padStart(count) + cells(row, methods, hasVideo));
    }
    if (members.length > 1 || results.length > members.length) {
      lines.push(
        `mean of ${set}`.padEnd(first) + `${members.length}`.padStart(count) +
          cells({ mean, video: videos.get(set) }, methods, hasVideo),
      );
    }
  }
  for (const { name, frames, mean } of meansOfMotion(results)) {
    lines.push(`${name} motion`.padEnd(first) + `${frames}`.padStart(count) + cells({ mean }, methods, hasVideo));
  }
  for (const [of, frames] of worst) {
    if (frames.length > 0) lines.push("", `worst frames of ${of}`);
    for (const { sequence, name, scores } of frames) {
      const figures = methods.map((method) => `${method} ${shown(scores[method]!.psnr, 2)} dB`).join(", ");
      lines.push(`  ${sequence}: ${name}: ${figures}`);
    }
  }
  lines.push("", "measured", ...measuredFacts(report).map(([what, how]) => `  ${what}: ${how}`));
  return lines.join("\n");
}
