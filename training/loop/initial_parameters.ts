import * as tf from "@tensorflow/tfjs-core";
import type { ParameterSpec } from "@slomo/core";
import { random } from "../data/random.ts";

function deviationOf({ shape, init }: ParameterSpec): number {
  if (init.kind === "zeros") return 0;
  if (init.kind === "normal") return init.deviation;
  const inputs = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  return Math.sqrt(2 / ((1 + init.slope ** 2) * inputs));
}

/**
 * Parameters as training begins with them, the same for the same seed on every backend.
 *
 * @param prefix First word of the tensors' names, which is a key of the random numbers too.
 * @returns By the names of the specs; the caller disposes.
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
