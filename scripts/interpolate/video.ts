import type { JobSummary, Slomo } from "@slomo/slomo";
import type { TaskIo } from "../_cli.ts";
import type { InterpolateCommand, Target } from "./options.ts";
import { planFacts, planText } from "./plan_report.ts";
import { createReporter, summaryText } from "./reporter.ts";

/** How one video of a command is interpolated. */
export interface VideoOptions {
  /** The command line. */
  readonly command: InterpolateCommand;
  /** Interpolates the videos of the command. */
  readonly slomo: Slomo;
  /** Folder for flow and visibility. */
  readonly flowOut: string | undefined;
  /** Receives progress, and stops the work. */
  readonly io: TaskIo;
}

/**
 * Interpolates one video, or prints the plan of it and returns `undefined`.
 *
 * @throws {UsageError} If it cannot be done as asked.
 * @throws {JobError} If it fails while it runs.
 */
export async function interpolateVideo(
  { input, output }: Target,
  { command, slomo, flowOut, io }: VideoOptions,
): Promise<JobSummary | undefined> {
  const { options } = command, report = createReporter(options, io), { signal } = io;
  try {
    if (options.plan) {
      const { job, survey } = await slomo.plan(input, output, { ...options, signal });
      const memory = Deno.memoryUsage().rss;
      if (options.json) report.fact({ type: "plan", ...planFacts(job, survey, memory) });
      else io.out(planText(job, survey, memory));
      return undefined;
    }
    const summary = await slomo.convert(input, output, {
      ...options,
      flowOut,
      signal,
      onEvent: (event) => report.event(event),
    });
    report.close();
    report.fact({ type: "done", output, ...summary });
    report.note(summaryText(output, summary));
    return summary;
  } finally {
    report.close();
  }
}
