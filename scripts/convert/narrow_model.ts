import { createToolkit, type ResolvedManifest } from "@slomo/core/manifest";
import { type NamedTensor, type Parametric, UsageError } from "@slomo/core";
import type { ConvertedModel } from "@slomo/weights/convert";

/** Converts the tensors of a part, and returns them under its prefix. */
function adapt({ adapt }: Parametric, prefix: string, { tensors }: ConvertedModel): [string, NamedTensor][] {
  if (!adapt) {
    throw new UsageError(`the part with the tensors "${prefix}.*" cannot change its width; leave \`width\` out`);
  }
  const start = `${prefix}.`, own = [...tensors].filter(([name]) => name.startsWith(start));
  const adapted = adapt(new Map(own.map(([name, tensor]) => [name.slice(start.length), tensor])));
  for (const [name, { shape }] of adapted) {
    const channels = tensors.get(start + name)?.shape.at(-1) ?? 0, wanted = shape.at(-1) ?? 0;
    if (wanted > channels) {
      throw new UsageError(
        `convert: "${start}${name}" has ${channels} channels, fewer than the ${wanted} of the new width; set a smaller ` +
          "`width`",
        { option: "width" },
      );
    }
  }
  return [...adapted].map(([name, tensor]) => [start + name, tensor]);
}

/**
 * Returns a model of smaller width, initialized from one of the toolkit's parts.
 *
 * @throws {UsageError} If the model is for other parts, or they cannot change their width.
 */
export async function narrowModel(
  model: ConvertedModel,
  width: number,
  manifest: ResolvedManifest,
): Promise<ConvertedModel> {
  const { flowEstimator, interpolator } = model.facts;
  if (interpolator === undefined) {
    throw new UsageError("`width` requires a model with an interpolator, which this one lacks; leave `width` out");
  }
  const wide = flowEstimator && { ...flowEstimator, options: { ...flowEstimator.options, width } };
  const facts = {
    ...model.facts,
    flowEstimator: wide,
    interpolator: { ...interpolator, options: { ...interpolator.options, width } },
  };
  const use = { ...manifest.use, flowEstimator: facts.flowEstimator, interpolator: facts.interpolator };
  const networks = await (await createToolkit({ ...manifest, use })).networks();
  const tensors = new Map([
    ...networks.flowEstimator ? adapt(networks.flowEstimator, "flow", model) : [],
    ...adapt(networks.interpolator, "interpolation", model),
  ]);
  return { ...model, facts, tensors };
}
