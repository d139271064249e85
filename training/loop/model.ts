import { random } from "../data/random.ts";
import * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { loadParameters, type WeightsPrefix } from "@slomo/weights";
import type { WeightsFile } from "@slomo/weights";
import type { NamedTensor } from "@slomo/core";
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

/** Creates the trained tensors at the beginning of a run: from a weights file, or random. The caller disposes them. */
export function startVariables(
  { specs }: Pick<TrainNetworks, "specs">,
  seed: number,
  from: WeightsFile | undefined,
): Variables {
  const tensors = PREFIXES.map((prefix) =>
    prefixed(
      prefix,
      from ? loadParameters(specs[prefix], prefix, from) : initialParameters(specs[prefix], prefix, seed),
    )
  );
  return asVariables(Object.assign({}, ...tensors));
}

function findTensor({ name, shape }: ParameterSpec, prefix: string, { parameters }: Checkpoint): NamedTensor {
  const found = parameters.get(`${prefix}.${name}`);
  if (found?.shape.join() === shape.join()) return found;
  const what = found ? `is [${found.shape.join(", ")}] and must be [${shape.join(", ")}]` : "is missing";
  throw new UsageError(
    `the checkpoint belongs to other networks than those of the manifest: its tensor "${prefix}.${name}" ${what}; ` +
      "resume with the manifest that it was trained with",
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
