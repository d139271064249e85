/** The page of options, `docs/options.md`, which `deno task schema` writes from the definitions. */
import type { Task } from "../_cli.ts";
import { type CommandDefinition, optionLines, usageLines } from "../_options.ts";
import { convert } from "../convert.ts";
import { dataset } from "../dataset.ts";
import { doctor } from "../doctor.ts";
import { evaluate } from "../evaluate.ts";
import { exportTask } from "../export.ts";
import { interpolate } from "../interpolate.ts";
import { models } from "../models.ts";
import { plugin } from "../plugin.ts";
import { queue } from "../queue.ts";
import { segments } from "../segments.ts";
import { setup } from "../setup.ts";
import { trainTask } from "../train.ts";
import { worker } from "../worker.ts";
import { web } from "../web.ts";

/** All tasks, in the order of the page. */
export const TASKS: readonly Task[] = [
  interpolate,
  segments,
  worker,
  queue,
  web,
  doctor,
  evaluate,
  dataset,
  trainTask,
  setup,
  exportTask,
  convert,
  models,
  plugin,
];

const escaped = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** Formats the cells of a table as the formatter does. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const line = ([left, right]: readonly [string, string]) => `| ${left.padEnd(width(0))} | ${right.padEnd(width(1))} |`;
  const rule = ["-".repeat(width(0)), "-".repeat(width(1))] as const;
  return [line(rows[0]!), line(rule), ...rows.slice(1).map(line)];
}

function section(command: CommandDefinition): string[] {
  const rows = [...optionLines(command).values()].flat().map(({ flag, text }) =>
    [`\`${escaped(flag)}\``, escaped(text)] as const
  );
  return [
    `## ${command.name}`,
    "",
    "```sh",
    ...usageLines(command, "deno task"),
    "```",
    "",
    escaped(command.about),
    "",
    ...table([["option", "description"], ...rows]),
    "",
    ...command.details ? ["```", ...command.details, "```", ""] : [],
  ];
}

/** Returns the page. Paragraphs are one line each. */
export function optionsPage(): string {
  return [
    "# Options",
    "",
    "Options of every task, written by `deno task schema` from their definitions. The option `--help` of a task shows the same.",
    "",
    ...TASKS.flatMap(({ commands }) => commands).flatMap(section),
  ].join("\n");
}
