/**
 * Prints the tables of docs/quality.md from reports of `deno task evaluate --json`:
 * `tables.ts --set Middlebury a.json b.json --set DAVIS c.json`.
 */
import { meansOfMotion, meansOfSets, type SequenceResult, videoMeansOfSets } from "@slomo/training/evaluation";
import { readReport } from "./read_report.ts";

/** Returns the files of each set of the command line. */
function setsOf(args: readonly string[]): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  let files: string[] | undefined;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--set" && args[i + 1] !== undefined) sets.set(args[++i]!, files = []);
    else if (files) files.push(args[i]!);
  }
  return sets;
}

/** Prints a table, with the best value of each row in bold. */
function print(
  title: string,
  methods: readonly string[],
  rows: readonly (readonly [string, readonly number[]])[],
  digits: number,
) {
  console.log(`\n| ${[title, ...methods].join(" | ")} |\n| ${["---", ...methods.map(() => "---")].join(" | ")} |`);
  for (const [name, values] of rows) {
    const best = Math.max(...values);
    const cells = values.map((value) => value === best ? `**${value.toFixed(digits)}**` : value.toFixed(digits));
    console.log(`| ${[name, ...cells].join(" | ")} |`);
  }
}

const results: SequenceResult[] = [];
for (const [set, files] of setsOf(Deno.args)) {
  for (const file of files) results.push(...readReport(await Deno.readTextFile(file), set));
}
const methods = Object.keys(results[0]!.mean), sets = [...meansOfSets(results)], videos = videoMeansOfSets(results);
const count = (set: string) => results.filter((result) => result.set === set).length;
for (const [title, key, digits] of [["PSNR, dB", "psnr", 2], ["SSIM", "ssim", 4]] as const) {
  const rows = sets.map(([set, mean]) =>
    [`${set}, ${count(set)}`, methods.map((method) => mean[method]![key])] as const
  );
  print(title, methods, rows, digits);
}
print("VMAF", methods, [...videos].map(([set, mean]) => [set, methods.map((method) => mean[method]!)]), 1);
for (const [title, key, digits] of [["motion, PSNR", "psnr", 2], ["motion, SSIM", "ssim", 4]] as const) {
  const rows = meansOfMotion(results).map(({ name, frames, mean }) =>
    [`${name}, ${frames} frames`, methods.map((method) => mean[method]![key])] as const
  );
  print(title, methods, rows, digits);
}
print(
  "sequence, PSNR",
  methods,
  results.map(({ name, mean }) => [name, methods.map((method) => mean[method]!.psnr)]),
  2,
);
