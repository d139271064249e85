import type { MediaHandler } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import type { ResolvedManifest } from "@slomo/core/manifest";
import { beginReading, type JobSummary, type PreparedJob, prepareJob, runJob, surveyJob } from "@slomo/core/video";
import { createFlowWriter } from "./flow_out.ts";
import { jobFacts } from "./job_facts.ts";
import type { Model, ModelHolder } from "./model.ts";
import type { LocalConversion, ObjectConversion } from "./object_conversion.ts";
import { type ConvertOptions, requestOf, type SlomoOptions } from "./options.ts";
import { type ConversionPlan, droppedText } from "./plan_facts.ts";
import { describeModel } from "./planned_model.ts";

/** The parts that a conversion works with. */
export interface ConversionParts {
  /** Plugins and parts. */
  readonly manifest: ResolvedManifest;
  /** Media handlers in the manifest's order. */
  readonly media: readonly MediaHandler[];
  /** Options of the model. */
  readonly options: SlomoOptions;
  /** The model. */
  readonly model: ModelHolder;
}

/** Options of a conversion of files, whose plan may be checked. */
type FileOptions = ConvertOptions & Partial<Pick<LocalConversion, "onPlan">>;

const ignore = () => {};

/** Prepares a job, and opens the model at the same time. `model` waits for it, and passes on its notes. */
async function prepare(parts: ConversionParts, input: string, output: string, options: FileOptions): Promise<{
  readonly job: PreparedJob;
  readonly model: () => Promise<Model>;
}> {
  const { signal } = options;
  parts.model.prepare();
  const request = await requestOf(input, output, options);
  const notes: string[] = [];
  let opening: Promise<Model> | undefined;
  const job = await prepareJob(request, parts.media, signal, ({ video }) => {
    opening = parts.model.open(video, (message) => notes.push(message), signal);
    opening.catch(() => {});
  });
  const model = async () => {
    const opened = await opening!;
    notes.forEach((message) => parts.options.onNote?.(message));
    return opened;
  };
  return { job, model };
}

async function convertFile(
  parts: ConversionParts,
  input: string,
  output: string,
  options: FileOptions,
): Promise<JobSummary> {
  const { signal, flowOut, onEvent = ignore } = options;
  const { job: prepared, model: opening } = await prepare(parts, input, output, options);
  await using job = prepared;
  options.onPlan?.(job.plan);
  for (const message of job.notes) onEvent({ type: "note", message });
  for (const dropped of job.plan.dropped) onEvent({ type: "warning", message: droppedText(dropped) });
  const source = beginReading(job, { signal, onEvent });
  try {
    const model = await opening();
    const { manifest, options: { flowScale, precision } } = parts;
    const facts = jobFacts(job, { manifest, model, settings: { flowScale, precision, flowOut } });
    return await runJob(job, model.engine, {
      signal,
      onEvent,
      source,
      hold: options.hold,
      onFrame: flowOut === undefined ? undefined : await createFlowWriter(flowOut),
      resumption: { facts, resume: options.resume ?? false },
    });
  } finally {
    await source?.return();
  }
}

async function planFile(
  parts: ConversionParts,
  input: string,
  output: string,
  options: FileOptions,
): Promise<ConversionPlan> {
  const { signal } = options, { job: prepared, model } = await prepare(parts, input, output, options);
  await using job = prepared;
  options.onPlan?.(job.plan);
  const opened = await model();
  const survey = await surveyJob(job, opened.engine, { signal });
  return { job, survey, model: describeModel(opened, parts.manifest) };
}

const areFiles = (...locations: readonly string[]) => !locations.some(isObjectLocation);

/** Runs a conversion with files, or addresses on this machine, in place of objects. */
async function withFiles<T>(
  conversion: ConvertOptions & Pick<ObjectConversion, "input" | "output" | "writes">,
  run: (input: string, output: string, options: FileOptions) => Promise<T>,
): Promise<T> {
  const { input, output, writes: _, ...options } = conversion;
  if (areFiles(input, output)) return await run(input, output, options);
  const { withObjects } = await import("./object_conversion.ts");
  return await withObjects(conversion, (local) => run(local.input, local.output, { ...options, ...local }));
}

/** Interpolates a video, as `Slomo.convert()` describes. */
export async function convertVideo(
  parts: ConversionParts,
  input: string,
  output: string,
  options: ConvertOptions,
): Promise<JobSummary> {
  return await withFiles({ ...options, input, output, writes: true }, (...local) => convertFile(parts, ...local));
}

/** Plans a conversion, as `Slomo.plan()` describes. */
export async function planVideo(
  parts: ConversionParts,
  input: string,
  output: string,
  options: ConvertOptions,
): Promise<ConversionPlan> {
  const plan = await withFiles({ ...options, input, output, writes: false }, (...local) => planFile(parts, ...local));
  if (areFiles(input, output)) return plan;
  const { job } = plan;
  const info = { ...job.info, location: input }, write = { ...job.write, location: output };
  return { ...plan, job: { ...job, info, write } };
}
