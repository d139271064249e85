import { type NamedTensor, UsageError } from "@slomo/core";
import { tensorValues } from "../safetensors.ts";
import type { WeightsFile } from "../weights_file.ts";
import type { ConvertedModel } from "./source_format.ts";

/** A file of differences is for no network, so its tensors have other names than weights. */
const SUFFIX = ".difference";

const isSameShape = (a: readonly number[], b: readonly number[]) => `${a}` === `${b}`;

function combine(a: NamedTensor, values: Float32Array, sign: 1 | -1): NamedTensor {
  return { shape: a.shape, values: a.values.map((value, i) => value + sign * values[i]!) };
}

/**
 * Returns the differences of a model's weights to those it was fine-tuned from, `NAME.difference` for each tensor, with the
 * model's description.
 *
 * @throws {UsageError} If the models have other tensors.
 */
export function subtractWeights(model: ConvertedModel, base: ConvertedModel): ConvertedModel {
  const tensors = [...model.tensors].map(([name, tensor]): [string, NamedTensor] => {
    const other = base.tensors.get(name);
    if (other && isSameShape(other.shape, tensor.shape)) {
      return [name + SUFFIX, combine(tensor, other.values, -1)];
    }
    throw new UsageError(
      `convert: cannot subtract weights: they have no tensor "${name}" of shape [${
        tensor.shape.join(", ")
      }]; give the ` +
        "weights that the model was fine-tuned from",
      { code: "weights-mismatch", option: "subtract" },
    );
  });
  return { ...model, tensors: new Map(tensors) };
}

/**
 * Returns a model with differences added to its weights, and their description.
 *
 * @param difference A file of {@linkcode subtractWeights}' differences to this model.
 * @throws {UsageError} If it lists other tensors.
 */
export function addDifference(model: ConvertedModel, difference: WeightsFile): ConvertedModel {
  const tensors = [...model.tensors].map(([name, tensor]): [string, NamedTensor] => {
    const entry = difference.tensors.get(name + SUFFIX);
    if (entry && isSameShape(entry.shape, tensor.shape)) {
      return [name, combine(tensor, tensorValues(difference, entry), 1)];
    }
    throw new UsageError(
      `${difference.location} does not belong to these weights: it has no tensor "${name + SUFFIX}" of shape ` +
        `[${tensor.shape.join(", ")}]; correct \`difference\` in the registry`,
      { code: "weights-mismatch" },
    );
  });
  return { ...model, facts: difference.facts, tensors: new Map(tensors) };
}
