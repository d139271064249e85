import { random } from "../data/random.ts";
import * as tf from "@tensorflow/tfjs-core";
import { type NamedTensor, type Parameters, type ParameterSpec, type Parametric, UsageError } from "@slomo/core";
import { loadParameters, tensorValues, type WeightsFile, type WeightsPrefix } from "@slomo/weights";
import type { TrainConfig } from "./config.ts";
import { type Checkpoint, createTensors } from "./checkpoint.ts";
import type { NetworkParameters } from "./forward.ts";
import type { TrainNetworks } from "./networks.ts";
import type { NamedTensors, Variables } from "@slomo/engine";

function deviationOf({ shape, init }: ParameterSpec): number {
  if (init.kind === "zeros") return 0;
  if (init.kind === "normal") return init.deviation;
  const inputs = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  return Math.sqrt(2 / ((1 + init.slope ** 2) * inputs));
}

/**
 * Creates random initial parameters, the same for the same seed on every backend.
 *
 * @param prefix Prefix of the tensor names; also a key of the random numbers.
 * @returns Tensors by the names of the specs; the caller disposes them.
 */
export function initialParameters(
  specs: readonly ParameterSpec[],
  prefix: string,
  seed: number,
): Record<string, tf.Tensor> {
  return Object.fromEntries(specs.map((spec) => {
    const { name, shape } = spec, deviation = deviationOf(spec), { normal } = random(seed, "initial", prefix, name);
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    if (deviation > 0) { for (let i = 0; i < values.length; i++) values[i] = deviation * normal(); }
    return [name, tf.tensor(values, [...shape])];
  }));
}

const PREFIXES: readonly WeightsPrefix[] = ["flow", "interpolation"];

/** Splits the tensors `flow.*` and `interpolation.*` by network. */
export function parametersOf(tensors: NamedTensors): NetworkParameters {
  const below = (prefix: WeightsPrefix): Parameters =>
    Object.fromEntries(
      Object.entries(tensors).filter(([name]) => name.startsWith(`${prefix}.`))
        .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
    );
  return { flow: below("flow"), interpolation: below("interpolation") };
}

/** Creates variables from tensors and disposes the tensors. */
function asVariables(tensors: NamedTensors): Variables {
  const variables = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tf.variable(tensor)]));
  tf.dispose(tensors);
  return variables;
}

function prefixed(prefix: WeightsPrefix, tensors: NamedTensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
}

/** Derives the parameters of a part from a weights file of the same part with other options. */
function adaptedParameters(part: Parametric | undefined, prefix: WeightsPrefix, from: WeightsFile): NamedTensors {
  if (part === undefined || part.parameters.length === 0) return {};
  if (part.adapt === undefined) {
    throw new UsageError(`the part with the tensors "${prefix}.*" cannot adapt weights; leave \`adapt\` out`, {
      code: "weights-mismatch",
      option: "adapt",
    });
  }
  const start = `${prefix}.`, own = [...from.tensors.values()].filter(({ name }) => name.startsWith(start));
  const given = own.map((entry) => {
    return [entry.name.slice(start.length), { shape: entry.shape, values: tensorValues(from, entry) }] as const;
  });
  const adapted = part.adapt(new Map(given));
  return Object.fromEntries(part.parameters.map(({ name, shape }) => {
    const found = adapted.get(name);
    if (found?.shape.join() !== shape.join()) {
      throw new UsageError(`${from.location}: "${start}${name}" cannot be adapted to [${shape.join(", ")}]`, {
        code: "weights-mismatch",
      });
    }
    return [name, tf.tensor(found.values, [...shape])];
  }));
}

/**
 * Creates the trained tensors at the beginning of a run: from a weights file, adapted from it, or random. The caller
 * disposes them.
 *
 * @throws {UsageError} If the file does not fit, or a part cannot adapt its weights.
 */
export function startVariables(
  { specs, shipped }: Pick<TrainNetworks, "specs" | "shipped">,
  { seed, adapt }: Pick<TrainConfig, "seed" | "adapt">,
  from: WeightsFile | undefined,
): Variables {
  const parts = { flow: shipped.flowEstimator, interpolation: shipped.interpolator };
  const tensorsOf = (prefix: WeightsPrefix): NamedTensors => {
    if (from === undefined) return initialParameters(specs[prefix], prefix, seed);
    return adapt ? adaptedParameters(parts[prefix], prefix, from) : loadParameters(specs[prefix], prefix, from);
  };
  return asVariables(Object.assign({}, ...PREFIXES.map((prefix) => prefixed(prefix, tensorsOf(prefix)))));
}

function findTensor({ name, shape }: ParameterSpec, prefix: string, { parameters }: Checkpoint): NamedTensor {
  const found = parameters.get(`${prefix}.${name}`);
  if (found?.shape.join() === shape.join()) return found;
  const what = found ? `is [${found.shape.join(", ")}] and must be [${shape.join(", ")}]` : "is missing";
  throw new UsageError(
    `the checkpoint belongs to other networks than those of the manifest: its tensor "${prefix}.${name}" ${what}; ` +
      "resume with the manifest that it was trained with",
    { code: "invalid-checkpoint", option: "manifest" },
  );
}

/**
 * Creates the trained tensors of a checkpoint, in the order of a new run, so that sums over them round alike. The caller
 * disposes them.
 *
 * @throws {UsageError} If it belongs to other networks.
 */
export function resumeVariables({ specs }: Pick<TrainNetworks, "specs">, checkpoint: Checkpoint): Variables {
  const found = PREFIXES.flatMap((prefix) =>
    specs[prefix].map((spec) => [`${prefix}.${spec.name}`, findTensor(spec, prefix, checkpoint)] as const)
  );
  return asVariables(createTensors(new Map(found)));
}
