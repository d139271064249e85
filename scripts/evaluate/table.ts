import { meansOfSets, type ScoresByMethod } from "@slomo/training/evaluation";
import { COLUMNS, measuredFacts, type Report, shown } from "./report.ts";

/** Columns that fit a terminal; JSON and HTML have all columns. */
const SHOWN = COLUMNS.filter(([key]) => key !== "ssimLuma");

/** Width of a column in characters. */
const WIDTH = 7;

function cells(scores: ScoresByMethod, methods: readonly string[]): string {
  return methods.map((method) =>
    SHOWN.map(([key, , decimals]) => shown(scores[method]![key], decimals).padStart(WIDTH)).join("")
  ).join("  ");
}

/** Returns the report for a terminal: one row per sequence, the means of each set, the worst frames, and the metrics. */
export function reportTable(report: Report): string {
  const { results, worst } = report, methods = Object.keys(report.methods);
  const names = [...results.map(({ name }) => name), ...results.map(({ set }) => `mean of ${set}`)];
  const first = Math.max(...names.map((name) => name.length)), count = 6;
  const group = SHOWN.length * WIDTH;
  const lines = [
    " ".repeat(first + count) + methods.map((method) => method.padStart(group)).join("  "),
    "sequence".padEnd(first) + "frames".padStart(count) +
    methods.map(() => SHOWN.map(([, title]) => title.padStart(WIDTH)).join("")).join("  "),
  ];
  for (const [set, mean] of meansOfSets(results)) {
    const members = results.filter((result) => result.set === set);
    for (const { name, pairs, mean } of members) {
      lines.push(name.padEnd(first) + `${pairs.length}`.padStart(count) + cells(mean, methods));
    }
    if (members.length > 1 || results.length > members.length) {
      lines.push(`mean of ${set}`.padEnd(first) + `${members.length}`.padStart(count) + cells(mean, methods));
    }
  }
  if (worst.length > 0) lines.push("", `worst frames of ${methods[0]}`);
  for (const { sequence, name, scores } of worst) {
    const figures = methods.map((method) => `${method} ${shown(scores[method]!.psnr, 2)} dB`).join(", ");
    lines.push(`  ${sequence}: ${name}: ${figures}`);
  }
  lines.push("", "measured", ...measuredFacts(report).map(([what, how]) => `  ${what}: ${how}`));
  return lines.join("\n");
}
