import { BACKENDS } from "@slomo/slomo/backends";
import { type ArchitectureFacts, type PairEngine, UsageError } from "@slomo/core";
import { openEngine } from "@slomo/engine";
import type { PartChoice, Toolkit } from "@slomo/core/manifest";
import { blend, filterMethod, type Method, modelMethod } from "@slomo/training/evaluation";
import { openWeightsFile } from "../_toolkit.ts";
import type { EvaluateCommand } from "./options.ts";

/** The methods of a run, with the model that they use. */
export interface OpenedMethods {
  /** The methods, in the order of the command line. */
  readonly methods: readonly Method[];
  /** Frees the model. */
  close(): Promise<void>;
}

/** Describes a part and its options; those of the manifest override those of the weights. */
function describePart({ name, options }: PartChoice, facts?: ArchitectureFacts): string {
  return `${name} ${JSON.stringify({ ...facts?.options, ...options })}`;
}

async function openModel(command: EvaluateCommand, toolkit: Toolkit): Promise<[PairEngine, Method]> {
  const { manifest } = toolkit;
  const weights = await openWeightsFile(manifest, command.weights);
  const { engine } = await openEngine({
    toolkit,
    weights,
    backend: command.backend,
    workers: navigator.hardwareConcurrency,
    backends: BACKENDS,
  });
  const { flowEstimator, interpolator } = manifest.use;
  const parts = [
    ...(flowEstimator ? [describePart(flowEstimator, weights?.facts.flowEstimator)] : []),
    describePart(interpolator, weights?.facts.interpolator),
  ];
  const file = weights ? ` with ${weights.location}` : "";
  return [engine, modelMethod(engine, `${parts.join(", ")}${file}, on ${engine.backend} (${engine.device})`)];
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
  const methods: Method[] = [];
  let engine: PairEngine | undefined;
  for (const name of command.methods) {
    if (name === "blend") methods.push(blend);
    else if (name === "model") {
      const [opened, method] = await openModel(command, toolkit);
      engine = opened;
      methods.push(method);
    } else {
      const isProvided = toolkit.plugins.some(({ plugin }) =>
        plugin.provides.some((part) => part.slot === "rateDoubler" && part.name === name)
      );
      if (!isProvided) throw new UsageError(`no plugin of the manifest provides ${name}; leave it out of --methods`);
      methods.push(await filterMethod(name, await toolkit.rateDoubler(name, { ffmpeg: ffmpegOf(command, toolkit) })));
    }
  }
  return { methods, close: async () => await engine?.close() };
}
