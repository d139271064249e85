/** `deno task evaluate`: how near made frames come to true ones. */
import {
  type ArchitectureFacts,
  type Codec,
  JobError,
  openEngine,
  type PairEngine,
  type PartChoice,
  UsageError,
} from "@slomo/core";
import {
  blend,
  type Contest,
  evaluateSequence,
  filterMethod,
  type Method,
  modelMethod,
  type SequenceResult,
  type ShownPair,
} from "@slomo/core/evaluate";
import { runScript } from "./_cli.ts";
import { openToolkit, openWeightsFile } from "./_toolkit.ts";
import { createPairWorker } from "./_worker.ts";
import { openComparison } from "./evaluate/compare.ts";
import { discover } from "./evaluate/discover.ts";
import { openSequence } from "./evaluate/frames.ts";
import { reportHtml } from "./evaluate/html.ts";
import { type EvaluateCommand, HELP, type MethodName, parseEvaluate } from "./evaluate/options.ts";
import { type Report, reportJson, shown } from "./evaluate/report.ts";
import { reportTable } from "./evaluate/table.ts";

type Toolkit = Awaited<ReturnType<typeof openToolkit>>;

/** What is to be measured, and how the methods are called in the report. */
interface Job {
  readonly contests: readonly Contest[];
  readonly methods: Readonly<Record<string, string>>;
}

/** A part and its options, those of the weights under the manifest's. */
function describePart({ name, options }: PartChoice, facts?: ArchitectureFacts): string {
  return `${name} ${JSON.stringify({ ...facts?.options, ...options })}`;
}

async function openModel(command: EvaluateCommand, { manifest }: Toolkit): Promise<[PairEngine, Method]> {
  const weights = await openWeightsFile(manifest, command.weights);
  const { engine } = await openEngine({
    manifest,
    weights,
    backend: command.backend,
    workers: navigator.hardwareConcurrency,
    createWorker: createPairWorker,
  });
  const { flowEstimator, interpolator } = manifest.use;
  const parts = [
    ...(flowEstimator ? [describePart(flowEstimator, weights?.facts.flowEstimator)] : []),
    describePart(interpolator, weights?.facts.interpolator),
  ];
  const file = weights ? ` with ${weights.location}` : "";
  return [engine, modelMethod(engine, `${parts.join(", ")}${file}, on ${engine.backend} (${engine.device})`)];
}

async function openContests(
  command: EvaluateCommand,
  codecs: readonly Codec[],
  methods: readonly Method[],
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly Contest[]> {
  const { found, skipped } = await discover(command.data, { layouts: true });
  for (const { path, why } of skipped) note(`${path} is left out: ${why}`);
  const contests: Contest[] = [];
  for (const item of found) {
    try {
      const sequence = await openSequence(codecs, item, command.cut);
      const contestants = methods.map((method) => ({
        name: method.name,
        predictions: () => method.predict(sequence, signal),
      }));
      contests.push({ name: sequence.name, set: sequence.set, contestants });
    } catch (error) {
      if (!(error instanceof UsageError) || found.length === 1) throw error;
      note(`${item.name} is left out: ${error.message}`);
    }
  }
  if (contests.length === 0) throw new UsageError(`${command.data} holds nothing that can be measured`);
  return contests;
}

async function measureAll(
  { contests }: Job,
  worst: number,
  note: (text: string) => void,
): Promise<{ results: SequenceResult[]; shown: ShownPair[]; failed: number }> {
  const results: SequenceResult[] = [];
  let pairs: ShownPair[] = [], failed = 0;
  for (const contest of contests) {
    const first = contest.contestants[0]!.name;
    try {
      const { result, worst: own } = await evaluateSequence(contest, { worst });
      results.push(result);
      pairs = [...pairs, ...own].sort((a, b) => a.scores[first]!.psnr - b.scores[first]!.psnr).slice(0, worst);
      const figures = Object.entries(result.mean).map(([method, { psnr }]) => `${method} ${shown(psnr, 2)} dB`);
      console.error(`slomo: ${result.name}: ${figures.join(", ")}`);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof JobError) || contests.length === 1) throw error;
      if (error instanceof JobError) failed++;
      note(`${contest.name} is left out: ${error.message}`);
    }
  }
  if (results.length === 0) throw new JobError("nothing could be measured; the reasons are above");
  return { results, shown: pairs, failed };
}

async function write(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (error) {
    throw new JobError(`cannot write ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

async function evaluate(command: EvaluateCommand, signal: AbortSignal): Promise<void> {
  const toolkit = await openToolkit(command.manifest), notes: string[] = [];
  const codecs = await toolkit.codecs({ ffmpeg: { ffmpeg: command.ffmpeg }, images: { ffmpeg: command.ffmpeg } });
  const note = (text: string) => {
    notes.push(text);
    console.error(`slomo: ${text}`);
  };
  let engine: PairEngine | undefined;

  async function open(name: MethodName): Promise<Method> {
    if (name === "blend") return blend;
    if (name !== "model") {
      const doubler = codecs.flatMap(({ rateDoublers = [] }) => rateDoublers).find((doubler) => doubler.name === name);
      if (doubler) return await filterMethod(doubler);
      throw new UsageError(`no codec of the manifest knows ${name}; leave it out of --methods`);
    }
    const [opened, method] = await openModel(command, toolkit);
    engine = opened;
    return method;
  }

  async function prepare(): Promise<Job> {
    if (command.compare !== undefined) {
      const comparison = await openComparison(codecs, command.data, command.compare, command.cut, note);
      comparison.notes.forEach(note);
      return { contests: comparison.contests, methods: { given: command.compare } };
    }
    const methods: Method[] = [];
    for (const name of command.methods) methods.push(await open(name));
    const contests = await openContests(command, codecs, methods, note, signal);
    return { contests, methods: Object.fromEntries(methods.map(({ name, description }) => [name, description])) };
  }

  try {
    const job = await prepare();
    const { results, shown: worst, failed } = await measureAll(job, command.worst, note);
    const report: Report = { data: command.data, methods: job.methods, cut: command.cut, results, worst, notes };
    console.log(reportTable(report));
    if (command.json !== undefined) await write(command.json, reportJson(report));
    if (command.html !== undefined) await write(command.html, reportHtml(report));
    if (failed > 0) {
      throw new JobError(`${failed} of ${job.contests.length} sequences failed; the report is without them`);
    }
  } finally {
    await engine?.close();
    await Promise.all(codecs.map((codec) => codec.close?.()));
  }
}

await runScript(async (args, signal) => {
  const command = parseEvaluate(args);
  if (command === "help") console.log(HELP);
  else await evaluate(command, signal);
});
