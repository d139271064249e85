import type { JobSummary, Slomo } from "@slomo/slomo";
import type { TaskIo } from "../_cli.ts";
import { convertOnDevices, devicesOf } from "./devices.ts";
import type { InterpolateCommand, Target } from "./options.ts";
import { planFacts, planText } from "./plan_report.ts";
import { createReporter, summaryText } from "./reporter.ts";

/** Context for interpolating the videos of a command. */
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
 * Interpolates one video; for `--plan`, prints its plan and returns `undefined`.
 *
 * @throws {UsageError} If source, target and options do not allow it.
 * @throws {JobError} If reading, computing or writing fails.
 */
export async function interpolateVideo(
  { input, output }: Target,
  { command, slomo, flowOut, io }: VideoOptions,
): Promise<JobSummary | undefined> {
  const { options } = command, report = createReporter(options, io), { signal } = io;
  try {
    if (options.plan) {
      const plan = await slomo.plan(input, output, { ...options, signal });
      const context = {
        memory: Deno.memoryUsage().rss,
        name: options.weights === undefined ? options.model : "weights",
      };
      if (options.json) report.fact({ type: "plan", ...planFacts(plan, context) });
      else io.out(planText(plan, context));
      return undefined;
    }
    const devices = devicesOf(options.device);
    const summary = devices
      ? await convertOnDevices({ input, output }, { command, slomo, devices, flowOut, report, io })
      : await slomo.convert(input, output, { ...options, flowOut, signal, onEvent: (event) => report.event(event) });
    report.close();
    report.fact({ type: "done", output, ...summary });
    report.note(summaryText(output, summary));
    return summary;
  } finally {
    report.close();
  }
}
