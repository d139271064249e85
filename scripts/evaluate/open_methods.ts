import { BACKENDS } from "@slomo/slomo/backends";
import { type ArchitectureFacts, type PairEngine, UsageError, type VideoMetric } from "@slomo/core";
import { openEngine } from "@slomo/engine";
import type { PartChoice, Toolkit } from "@slomo/core/manifest";
import { blend, filterMethod, type Method, modelMethod } from "@slomo/training/evaluation";
import { openModel, openToolkit } from "../_toolkit.ts";
import type { EvaluateCommand } from "./options.ts";

/** The methods of a run, with the models that they use. */
export interface OpenedMethods {
  /** The methods, in the order of the command line. */
  readonly methods: readonly Method[];
  /** Names of those that are models. */
  readonly models: readonly string[];
  /** Frees the models. */
  close(): Promise<void>;
}

/** Describes a part and its options; those of the manifest override those of the weights. */
function describePart({ name, options }: PartChoice, facts?: ArchitectureFacts): string {
  return `${name} ${JSON.stringify({ ...facts?.options, ...options })}`;
}

/** Opens a model as a method. */
async function modelNamed(name: string, given: Toolkit, command: EvaluateCommand): Promise<[PairEngine, Method]> {
  const { toolkit, weights } = await openModel(given, command.weights);
  const { use } = toolkit.manifest, { flowEstimator } = await toolkit.networks(weights?.facts);
  const { engine } = await openEngine({
    toolkit,
    weights,
    backend: command.backend,
    workers: navigator.hardwareConcurrency,
    backends: BACKENDS,
  });
  const parts = [
    ...(flowEstimator ? [describePart(use.flowEstimator!, weights?.facts.flowEstimator)] : []),
    describePart(use.interpolator, weights?.facts.interpolator),
  ];
  const file = weights ? ` with ${weights.location}` : "";
  return [engine, modelMethod(engine, `${parts.join(", ")}${file}, on ${engine.backend} (${engine.device})`, name)];
}

/** Returns the toolkits of the models to measure, by name. Fails before a model is opened. */
async function toolkitsOf(
  { models, manifest, allowPlugins }: EvaluateCommand,
  toolkit: Toolkit,
): Promise<(readonly [string, Toolkit])[]> {
  if (models === undefined) return [["model", toolkit]];
  return await Promise.all(
    models.map(async (model) => [model, await openToolkit({ manifest, allowPlugins, model })] as const),
  );
}

/** Returns the path of ffmpeg that the command line or the manifest's media handler names. */
function ffmpegOf({ ffmpeg }: EvaluateCommand, { manifest: { use: { media } } }: Toolkit): unknown {
  return ffmpeg ?? [media].flat().find(({ name }) => name === "ffmpeg")?.options?.["ffmpeg"];
}

/**
 * Opens the methods of a command.
 *
 * @throws {UsageError} If a method is not available on this machine or in this manifest.
 */
export async function openMethods(
  command: EvaluateCommand,
  toolkit: Toolkit,
): Promise<OpenedMethods> {
  const methods: Method[] = [], engines: PairEngine[] = [], toolkits = await toolkitsOf(command, toolkit);
  const close = async () => void await Promise.all(engines.map((engine) => engine.close()));
  try {
    for (const name of command.methods) {
      if (name === "blend") methods.push(blend);
      else if (name === "model") {
        for (const [model, chosen] of toolkits) {
          const [engine, method] = await modelNamed(model, chosen, command);
          engines.push(engine);
          methods.push(method);
        }
      } else {
        const isProvided = toolkit.plugins.some(({ plugin }) =>
          plugin.provides.some((part) => part.slot === "rateDoubler" && part.name === name)
        );
        if (!isProvided) throw new UsageError(`no plugin of the manifest provides ${name}; leave it out of --methods`);
        methods.push(await filterMethod(name, await toolkit.rateDoubler(name, { ffmpeg: ffmpegOf(command, toolkit) })));
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  const names = command.methods.includes("model") ? toolkits.map(([name]) => name) : [];
  return { methods, models: names, close };
}

/** A metric of videos that works on this machine. */
export interface OpenedMetric {
  /** The metric. */
  readonly metric: VideoMetric;
  /** Its settings, for the report. */
  readonly description: string;
}

/** Name of the metric of videos. */
const METRIC = "vmaf";

/**
 * Opens the metric of videos, if a plugin provides it.
 *
 * @param note Receives the reason why it does not work on this machine.
 */
export async function openMetric(
  toolkit: Toolkit,
  command: EvaluateCommand,
  note: (text: string) => void,
): Promise<OpenedMetric | undefined> {
  const parts = toolkit.plugins.flatMap(({ plugin }) => plugin.provides);
  if (!parts.some(({ slot, name }) => slot === "metric" && name === METRIC)) return undefined;
  const metric = await toolkit.metric(METRIC, { ffmpeg: ffmpegOf(command, toolkit) });
  try {
    return { metric, description: await metric.describe() };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    note(error.message);
    return undefined;
  }
}
