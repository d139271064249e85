import type { FlowEstimator, Interpolator, Parameters, ParameterSpec, Warp } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { initialParameters } from "../../training/loop/model.ts";
import type { CreateOptimizer } from "@slomo/engine";
import { backward } from "../../plugins/flow-backbones/backward_warp.ts";
import { type FlowEstimatorOptions, superSlomoFlow } from "../../plugins/flow-backbones/super-slomo/flow_estimator.ts";
import {
  type InterpolatorOptions,
  superSlomoInterpolator,
} from "../../plugins/flow-backbones/super-slomo/interpolator.ts";

/** Options of both U-Nets. */
export interface ModelOptions {
  readonly flowEstimator: FlowEstimatorOptions;
  readonly interpolator: InterpolatorOptions;
}

/** Both U-Nets with initial parameters. */
export interface Model {
  readonly options: ModelOptions;
  readonly flow: FlowEstimator;
  readonly interpolator: Interpolator;
  readonly warp: Warp;
  readonly flowParameters: Parameters;
  readonly interpolationParameters: Parameters;
}

/** A frame pair and the frame between. */
export interface Sample {
  readonly first: tf.Tensor4D;
  readonly second: tf.Tensor4D;
  readonly groundTruth: tf.Tensor4D;
}

/** Returns the options of networks of a width. */
export function ofWidth(width: number): ModelOptions {
  return { flowEstimator: { width }, interpolator: { width } };
}

/** Creates both U-Nets. */
export function createModel(options: ModelOptions): Model {
  const warp = backward(), flow = superSlomoFlow(options.flowEstimator, { warp });
  const interpolator = superSlomoInterpolator(options.interpolator, { warp });
  return {
    options,
    flow,
    interpolator,
    warp,
    flowParameters: initialParameters(flow.parameters, "flow", 1),
    interpolationParameters: initialParameters(interpolator.parameters, "interpolation", 1),
  };
}

export function createSample(height: number, width: number): Sample {
  const [first, second, groundTruth] = [1, 2, 3].map((seed) =>
    tf.randomUniform([1, height, width, 3], 0, 1, "float32", seed)
  );
  return { first, second, groundTruth } as Sample;
}

/** Interpolates the middle frame of a pair. */
export function forward(
  { flow, interpolator, flowParameters, interpolationParameters }: Model,
  sample: Sample,
): tf.Tensor4D {
  return tf.tidy(() => {
    const { first, second } = sample, motion = flow.estimate(flowParameters, first, second);
    return interpolator.interpolate(interpolationParameters, { first, second, flow: motion, times: tf.tensor1d([0.5]) })
      .frames;
  });
}

const CONSTANTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 };

/** Returns a function that runs a step of Adam on the mean absolute error, and returns the loss before it. */
export function createTraining(model: Model, createOptimizer: CreateOptimizer): (sample: Sample) => tf.Scalar {
  const variables: Record<string, tf.Variable> = {};
  const trained = (prefix: string, parameters: Parameters) =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, variables[`${prefix}.${name}`] = tf.variable(value)]),
    );
  const learning: Model = {
    ...model,
    flowParameters: trained("flow", model.flowParameters),
    interpolationParameters: trained("interpolation", model.interpolationParameters),
  };
  const optimizer = createOptimizer(variables, CONSTANTS);
  return (sample) =>
    tf.tidy(() => {
      const loss = () => tf.mean(tf.abs(tf.sub(forward(learning, sample), sample.groundTruth))) as tf.Scalar;
      const { value, grads } = tf.variableGrads(loss, Object.values(variables));
      const named = Object.entries(variables).map(([name, variable]) => [name, grads[variable.name]!] as const);
      optimizer.apply(Object.fromEntries(named), 1e-4);
      return value;
    });
}

/** Returns the multiplications and additions in the convolutions of a forward pass, from the shapes of the filters. */
export function convolutionFlops(model: Model, height: number, width: number): number {
  return [...model.flow.parameters, ...model.interpolator.parameters].reduce(
    (sum, spec) => sum + flopsOf(spec, height, width),
    0,
  );
}

function flopsOf({ name, shape }: ParameterSpec, height: number, width: number): number {
  if (shape.length !== 4) return 0;
  const [, part, hierarchy] = name.match(/(encoder|decoder)\.(\d+)\./) ?? [];
  const halvings = part === "encoder" ? Number(hierarchy) : part === "decoder" ? 4 - Number(hierarchy) : 0;
  const pixels = Math.ceil(height / 32) * 32 * Math.ceil(width / 32) * 32 / 4 ** halvings;
  return 2 * pixels * shape.reduce((a, b) => a * b, 1);
}
