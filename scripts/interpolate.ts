/** `deno task interpolate`: a film in, a film with more frames out. */
import { openEngine, type PairEngine, prepareJob, runJob, surveyJob, toNumber } from "@slomo/core";
import config from "../deno.json" with { type: "json" };
import { runScript } from "./_cli.ts";
import { openToolkit, openWeightsFile } from "./_toolkit.ts";
import { createPairWorker } from "./_worker.ts";
import { createFlowWriter } from "./interpolate/flow_out.ts";
import { jobFacts } from "./interpolate/job_facts.ts";
import { HELP, type InterpolateCommand, parseInterpolate } from "./interpolate/options.ts";
import { planFacts, planText } from "./interpolate/plan_report.ts";
import { createReporter, summaryText } from "./interpolate/reporter.ts";

async function interpolate(command: InterpolateCommand, signal: AbortSignal): Promise<void> {
  const report = createReporter(command);
  const toolkit = await openToolkit(command.manifest, command.model);
  const codecs = await toolkit.codecs({
    ffmpeg: { ffmpeg: command.ffmpeg },
    images: { ffmpeg: command.ffmpeg, ...command.inputFps && { rate: toNumber(command.inputFps) } },
  });
  let engine: PairEngine | undefined = undefined;
  try {
    const job = await prepareJob(command.job, codecs, signal);
    const weights = await openWeightsFile(toolkit.manifest, command.weights);
    const { engine: opened, passedOver } = await openEngine({
      manifest: toolkit.manifest,
      weights,
      backend: command.backend,
      device: command.device,
      precision: command.precision,
      flowScale: command.flowScale,
      workers: command.workers ?? navigator.hardwareConcurrency,
      createWorker: createPairWorker,
    });
    engine = opened;
    for (const { name, reason } of passedOver) report.note(`${name} is not used: ${reason}`);
    report.note(`computing on ${engine.backend} (${engine.device})`);
    if (command.plan) {
      const survey = await surveyJob(job, engine, { signal });
      const memory = Deno.memoryUsage().rss;
      if (command.json) report.fact({ type: "plan", ...planFacts(job, survey, memory) });
      else console.log(planText(job, survey, memory));
      return;
    }
    for (const note of job.notes) report.note(note);
    for (const { what, why } of job.plan.lost) report.warn(`${what} is not kept: ${why}`);
    const onFrame = command.flowOut === undefined ? undefined : await createFlowWriter(command.flowOut);
    const facts = await jobFacts(command, { info: job.info, manifest: toolkit.manifest, weights, engine });
    const summary = await runJob(job, engine, {
      signal,
      onFrame,
      onEvent: (event) => report.event(event),
      resumption: { facts, resume: command.resume },
    });
    report.close();
    report.fact({ type: "done", output: command.job.output, ...summary });
    report.note(summaryText(command.job.output, summary));
  } finally {
    report.close();
    await engine?.close();
    await Promise.all(codecs.map((codec) => codec.close?.()));
  }
}

await runScript(async (args, signal) => {
  const command = parseInterpolate(args);
  if (command === "help") console.log(HELP);
  else if (command === "version") console.log(`slomo ${config.version}`);
  else await interpolate(command, signal);
});
