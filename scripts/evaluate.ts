/** `deno task evaluate`: measures interpolated frames against held-out frames. */
import { JobError, UsageError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { dirname } from "@std/path";
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { parseOptionsOnly } from "./_command.ts";
import { withFlags } from "./_options.ts";
import { openToolkit } from "./_toolkit.ts";
import { openComparison } from "./evaluate/compare.ts";
import { reportHtml } from "./evaluate/html.ts";
import { measureAll } from "./evaluate/measure_all.ts";
import { openComparisons } from "./evaluate/open_comparisons.ts";
import { openMethods, openMetric } from "./evaluate/open_methods.ts";
import { EVALUATE, type EvaluateCommand, evaluateCommand } from "./evaluate/options.ts";
import { type Report, reportJson } from "./evaluate/report.ts";
import { reportTable } from "./evaluate/table.ts";

/** Checks, before the measuring, that the folder of a report exists. */
async function requireFolder(option: "json" | "html", path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const folder = dirname(path);
  if (await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false)) return;
  throw new UsageError(`cannot write ${path}: there is no folder ${folder}`, { code: "output-unwritable", option });
}

async function measure(command: EvaluateCommand, { out, err, signal }: TaskIo): Promise<void> {
  await requireFolder("json", command.json);
  await requireFolder("html", command.html);
  const { manifest, allowPlugins } = command,
    toolkit = await openToolkit({ manifest, allowPlugins }),
    notes: string[] = [];
  const codecs = await toolkit.media({ ffmpeg: { ffmpeg: command.ffmpeg }, images: { ffmpeg: command.ffmpeg } });
  const note = (message: string) => {
    const text = withFlags(message, EVALUATE.options);
    notes.push(text);
    err(`slomo: ${text}`);
  };
  const opened = command.compare === undefined ? await openMethods(command, toolkit) : undefined;
  const methods = opened
    ? Object.fromEntries(opened.methods.map(({ name, description }) => [name, description]))
    : { given: command.compare! };
  try {
    const comparisons = opened
      ? await openComparisons(command, codecs, opened.methods, note, signal)
      : await openComparison(codecs, command.data, command.compare!, command.subset, note, signal);
    const metric = await openMetric(toolkit, command, note);
    const names = Object.keys(methods),
      models = opened?.models ?? [],
      worstOf = models.length > 0 ? models : names.slice(0, 1);
    const options = { worst: command.worst, worstOf, metric: metric?.metric };
    const { results, worst, failed } = await measureAll(comparisons, options, { note, err, signal });
    const facts = metric && { title: metric.metric.title, description: metric.description };
    const report: Report = {
      data: command.data,
      methods,
      subset: command.subset,
      results,
      worst,
      notes,
      metric: facts,
    };
    out(reportTable(report));
    if (command.json !== undefined) await writeFileAtomic(command.json, reportJson(report));
    if (command.html !== undefined) await writeFileAtomic(command.html, reportHtml(report));
    if (failed > 0) {
      throw new JobError(`${failed} of ${comparisons.length} sequences failed; the report does not include them`);
    }
  } finally {
    await opened?.close();
    await Promise.all(codecs.map((codec) => codec.close?.()));
  }
}

/** The task `evaluate`. */
export const evaluate: Task = {
  commands: [EVALUATE],
  async run(args, io) {
    const values = parseOptionsOnly(EVALUATE, args, io);
    if (values) await measure(evaluateCommand(values), io);
  },
};

if (import.meta.main) await runScript(evaluate);
