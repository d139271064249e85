import { type JobSummary, prepareJob, runJob, surveyJob } from "@slomo/core/video";
import type { TaskIo } from "../_cli.ts";
import { createFlowWriter } from "./flow_out.ts";
import { jobFacts } from "./job_facts.ts";
import type { InterpolateCommand, Target } from "./options.ts";
import { planFacts, planText } from "./plan_report.ts";
import { createReporter, summaryText } from "./reporter.ts";
import type { Session } from "./session.ts";

/** What one video is made with. */
export interface VideoOptions {
  /** What was asked for. */
  readonly command: InterpolateCommand;
  /** What its videos share. */
  readonly session: Session;
  /** Folder for flow and visibility. */
  readonly flowOut: string | undefined;
  /** Where progress is told, and what stops the work at once. */
  readonly io: TaskIo;
}

/**
 * Fills one video, or says what would come of it; `undefined` then.
 *
 * @throws {UsageError} If it cannot be done as asked.
 * @throws {JobError} If it fails under way.
 */
export async function interpolateVideo(
  target: Target,
  { command, session, flowOut, io }: VideoOptions,
): Promise<JobSummary | undefined> {
  const report = createReporter(command, io), { signal } = io;
  try {
    const job = await prepareJob({ ...command.job, ...target }, session.codecs, signal);
    const model = await session.model(job.info.video, report.note), { engine } = model;
    if (command.plan) {
      const survey = await surveyJob(job, engine, { signal });
      const memory = Deno.memoryUsage().rss;
      if (command.json) report.fact({ type: "plan", ...planFacts(job, survey, memory) });
      else io.out(planText(job, survey, memory));
      return undefined;
    }
    for (const note of job.notes) report.note(note);
    for (const { what, why } of job.plan.lost) {
      report.warn(`${what} ${/^\d+ .*s$/.test(what) ? "are" : "is"} not kept: ${why}`);
    }
    const onFrame = flowOut === undefined ? undefined : await createFlowWriter(flowOut);
    const { info } = job, { manifest } = session.toolkit;
    const facts = await jobFacts(command, { info, manifest, model });
    const summary = await runJob(job, engine, {
      signal,
      onFrame,
      onEvent: (event) => report.event(event),
      resumption: { facts, resume: command.resume },
    });
    report.close();
    report.fact({ type: "done", output: target.output, ...summary });
    report.note(summaryText(target.output, summary));
    return summary;
  } finally {
    report.close();
  }
}
