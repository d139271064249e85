/** The tables of the benchmark. */
import { JobError } from "@slomo/core";
import { MORE_PAIRS, RIFE, type Turn } from "./methods.ts";
import { type Duration, shortest } from "./processes.ts";

/** Results of a method at one size; times in milliseconds. */
export interface Result {
  /** Size of the frames: `864×480`. */
  readonly size: string;
  readonly method: string;
  /** The reason why the method was not measured. */
  readonly reason?: string;
  /** Whole command without start-up, per interpolated frame. */
  readonly frame?: Duration;
  /** Networks alone, per interpolated frame. */
  readonly networks?: Duration;
  /** From the start of the command to its first interpolated frame. */
  readonly startUp?: Duration;
  /** Peak of the resident memory in bytes. */
  readonly peak?: number;
}

/** Results of a training step; times in milliseconds. */
export interface StepResult {
  readonly method: string;
  readonly reason?: string;
  readonly step?: Duration;
}

/** Results of one run of the benchmark. */
export interface Report {
  /** The machine and the conditions, one sentence each. */
  readonly facts: readonly string[];
  readonly results: readonly Result[];
  /** Training steps, the first of which is slomo's; empty without `--train`. */
  readonly steps: readonly StepResult[];
}

/** Summarizes the turns of a method: minimum of times, maximum of memory. */
export function summarize(size: string, method: string, turns: readonly Turn[]): Result {
  const all = <T>(valueOf: (turn: Turn) => T | undefined) => turns.map(valueOf).filter((value) => value !== undefined);
  const minimum = (valueOf: (turn: Turn) => Duration | undefined): Duration | undefined => {
    const found = all(valueOf);
    return found.length > 0 ? shortest(found) : undefined;
  };
  const short = minimum(({ command }) => command?.short), long = minimum(({ command }) => command?.long);
  const networks = minimum((turn) => turn.networks), startUp = minimum((turn) => turn.startUp);
  return {
    ...{ size, method, peak: Math.max(...turns.map(({ peak }) => peak)) },
    ...short && long && {
      frame: { wall: (long.wall - short.wall) / MORE_PAIRS, cpu: (long.cpu - short.cpu) / MORE_PAIRS },
    },
    ...networks && { networks },
    ...startUp && { startUp },
  };
}

type Cells = readonly string[];

/** Formats a table as the formatter does. */
export function markdownTable(head: Cells, rows: readonly Cells[]): string {
  const width = (column: number) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length));
  const line = (row: Cells) => `| ${row.map((cell, column) => cell.padEnd(width(column))).join(" | ")} |`;
  return [line(head), line(head.map((_, column) => "-".repeat(width(column)))), ...rows.map(line)].join("\n");
}

const fixed = (value: number | undefined, digits: number) => value === undefined ? "" : value.toFixed(digits);
const seconds = (milliseconds: number | undefined) => milliseconds === undefined ? "" : fixed(milliseconds / 1000, 2);

const HEAD: Cells = [
  ...["size", "method", "frame, ms", "CPU ms", "speed ÷ RIFE", "networks, ms", "CPU ms", "peak, MiB", "start-up, s"],
  "CPU s",
];

function row(result: Result, rife: Duration | undefined): Cells {
  const { size, method, reason, frame, networks, startUp, peak } = result;
  if (reason !== undefined) return [size, method, reason, ...HEAD.slice(3).map(() => "")];
  const compared = frame ?? networks;
  return [
    ...[size, method, fixed(frame?.wall, 0), fixed(frame?.cpu, 0)],
    fixed(rife && compared && rife.wall / compared.wall, 2),
    ...[fixed(networks?.wall, 0), fixed(networks?.cpu, 0), fixed(peak && peak / 2 ** 20, 0)],
    ...[seconds(startUp?.wall), seconds(startUp?.cpu)],
  ];
}

function stepRow({ method, reason, step }: StepResult, steps: readonly StepResult[]): Cells {
  const pytorch = steps.at(-1)?.step;
  if (step === undefined) return [method, reason ?? "", "", ""];
  return [method, fixed(step.wall, 0), fixed(step.cpu, 0), fixed(pytorch && step.cpu / pytorch.cpu, 2)];
}

/** Returns the report in Markdown. */
export function reportMarkdown({ facts, results, steps }: Report): string {
  const rifeAt = (size: string) => results.find((one) => one.size === size && one.method === RIFE)?.networks;
  const tables = [markdownTable(HEAD, results.map((result) => row(result, rifeAt(result.size))))];
  if (steps.length > 0) {
    const head = ["training step", "ms", "CPU ms", "CPU time ÷ PyTorch"];
    tables.push(markdownTable(head, steps.map((step) => stepRow(step, steps))));
  }
  return [facts.map((fact) => `- ${fact}`).join("\n"), ...tables].join("\n\n");
}

/** Comments around the tables in `docs/speed.md`. */
const BEGIN = "<!-- begin of the output of deno task bench -->", END = "<!-- end -->";

/**
 * Returns the text of a page, with new text between its two marker comments.
 *
 * @throws {JobError} If the page does not have the comments.
 */
export function replaceTables(page: string, text: string): string {
  const begin = page.indexOf(BEGIN), end = page.indexOf(END, begin);
  if (begin >= 0 && end >= 0) return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
  throw new JobError(`docs/speed.md: cannot replace the tables: ${BEGIN} or ${END} is missing; restore both comments`);
}
