import type {
  Features,
  FlowEstimator,
  FlowPair,
  Interpolated,
  InterpolationInput,
  Interpolator,
  Loss,
  LossInput,
  Parameters,
  PartDefinition,
  Warp,
} from "@slomo/core";
import { dispose, type Scalar, type Tensor1D, type Tensor4D } from "@tensorflow/tfjs-core";
import { check } from "./check.ts";
import { makePart } from "./part.ts";
import { type Named, noise, type Numbers, type Shape, type Trial } from "./trial.ts";

const CHANNELS: Readonly<Record<string, number>> = { frames: 3, visibility: 1, firstWarped: 3, secondWarped: 3 };

function interpolatedTensors({ frames, flowToFirst, flowToSecond, visibility, approximate }: Interpolated): Named {
  return {
    frames,
    ...flowToFirst && { flowToFirst },
    ...flowToSecond && { flowToSecond },
    ...visibility && { visibility },
    ...approximate && { approximateToFirst: approximate.flowToFirst, approximateToSecond: approximate.flowToSecond },
    ...approximate?.firstWarped && { firstWarped: approximate.firstWarped },
    ...approximate?.secondWarped && { secondWarped: approximate.secondWarped },
  };
}

/**
 * Checks the outputs of an interpolator.
 *
 * @throws {Error} If an output violates the contract.
 */
export function verifyInterpolated(outputs: Numbers, { batch, height, width }: Shape): void {
  for (const [name, { shape, values }] of Object.entries(outputs)) {
    check(values.every(Number.isFinite), `${name} must be finite`);
    const expected = [batch, height, width, CHANNELS[name] ?? 2];
    check(shape.join() === expected.join(), `${name} must be [${expected.join(", ")}] and is [${shape.join(", ")}]`);
    const isInRange = name !== "visibility" || values.every((value) => value >= 0 && value <= 1);
    check(isInRange, "visibility must lie in [0, 1]");
  }
}

/** Returns the flow that an interpolator requires. */
function flowOf({ forward, backward }: Named) {
  if (forward === undefined) return undefined;
  return { forward: forward as Tensor4D, backward: backward as Tensor4D | undefined };
}

function interpolationInput({ first, second, times, ...flow }: Named): InterpolationInput {
  return {
    first: first as Tensor4D,
    second: second as Tensor4D,
    times: times as Tensor1D,
    flow: flowOf(flow),
  };
}

/** Checks that features are float32 [N, h, w, c] and new. */
function verifyFeatures(method: string, features: Features, { first, second }: InterpolationInput): void {
  for (const [name, tensor] of Object.entries(features)) {
    const { shape, dtype } = tensor;
    check(
      shape.length === 4 && shape[0] === first.shape[0] && dtype === "float32",
      `${name} of ${method} must be float32 [${first.shape[0]}, h, w, c] and is ${dtype} [${shape.join(", ")}]`,
    );
    check(tensor !== first && tensor !== second, `${method} must return a copy of the frame as ${name}`);
  }
}

/** Interpolates as a host does that prepares frames and pairs; disposes all features. */
function interpolatePrepared(part: Interpolator, parameters: Parameters, input: InterpolationInput): Interpolated {
  const made: Features[] = [], { times, ...pair } = input;
  const prepare = (method: string, compute: () => Features | undefined): Features | undefined => {
    const features = compute();
    if (!features) return undefined;
    verifyFeatures(method, features, input);
    made.push(features);
    return features;
  };
  try {
    const firstFeatures = prepare("prepareFrame", () => part.prepareFrame?.(parameters, pair.first));
    const secondFeatures = prepare("prepareFrame", () => part.prepareFrame?.(parameters, pair.second));
    const prepared = { ...pair, firstFeatures, secondFeatures };
    const pairFeatures = prepare("preparePair", () => part.preparePair?.(parameters, prepared));
    const output = part.interpolate(parameters, { ...prepared, pairFeatures, times });
    const isIntact = made.every((features) => Object.values(features).every((tensor) => !tensor.isDisposed));
    check(isIntact, "interpolate must not dispose features, which serve other times and pairs too");
    return output;
  } finally {
    dispose(made as unknown as Tensor4D[]);
  }
}

/** Creates the trial of an interpolator: a batch of frame pairs, one time each. */
export function interpolatorTrial(definition: PartDefinition, options: unknown): Trial {
  const part: Interpolator = makePart("interpolator", definition, options);
  const flows = { none: [], forward: ["forward"], both: ["forward", "backward"] }[part.flow];
  return {
    name: `interpolator "${definition.name}"`,
    specs: part.parameters,
    multiple: part.multiple,
    moving: flows,
    isMean: false,
    shareable: ["first", "second", ...flows],
    prefix: "interpolation",
    inputs: ({ batch, height, width }, seed) => ({
      first: noise([batch, height, width, 3], seed),
      second: noise([batch, height, width, 3], seed + 100),
      times: noise([batch], seed + 200, 0.1, 0.9),
      ...Object.fromEntries(
        flows.map((name, i) => [name, noise([batch, height, width, 2], seed + 300 + 100 * i, 0.1, 0.4)]),
      ),
    }),
    call: (parameters, named) => part.interpolate(parameters, interpolationInput(named)),
    callPrepared: part.prepareFrame || part.preparePair
      ? (parameters, named) => interpolatePrepared(part, parameters, interpolationInput(named))
      : undefined,
    outputs: (result) => interpolatedTensors(result as Interpolated),
    verify: verifyInterpolated,
  };
}

function flowTensors({ forward, backward, coarser = [] }: FlowPair): Named {
  return {
    forward,
    ...backward && { backward },
    ...Object.fromEntries(
      coarser.flatMap((flow, i) => Object.entries(flowTensors(flow)).map(([name, x]) => [`coarser.${i}.${name}`, x])),
    ),
  };
}

/** Sizes with this multiple need no padding at any pyramid level; how other sizes are padded depends on the estimator. */
const PYRAMID_MULTIPLE = 16;

function verifyFlow(outputs: Numbers, { batch, height, width }: Shape): void {
  const isExact = height % PYRAMID_MULTIPLE === 0 && width % PYRAMID_MULTIPLE === 0;
  for (const [name, { shape, values }] of Object.entries(outputs)) {
    check(values.every(Number.isFinite), `${name} must be finite`);
    const [n, h, w, two] = shape, isCoarse = name.startsWith("coarser.");
    const isScaled = isCoarse && (!isExact || height % h! === 0 && height / h! === width / w! && h! < height);
    const isFullSize = h === height && w === width;
    check(
      shape.length === 4 && n === batch && two === 2 && (isCoarse ? isScaled : isFullSize),
      `${name} must be [${batch}, ${isCoarse ? "H·s, W·s" : `${height}, ${width}`}, 2] and is [${shape.join(", ")}]`,
    );
  }
}

/** Creates the trial of a flow estimator. */
export function flowEstimatorTrial(definition: PartDefinition, options: unknown): Trial {
  const part: FlowEstimator = makePart("flowEstimator", definition, options);
  return {
    name: `flowEstimator "${definition.name}"`,
    specs: part.parameters,
    multiple: part.multiple,
    moving: [],
    isMean: false,
    shareable: [],
    prefix: "flow",
    inputs: ({ batch, height, width }, seed) => ({
      first: noise([batch, height, width, 3], seed),
      second: noise([batch, height, width, 3], seed + 100),
    }),
    call: (parameters, { first, second }) => part.estimate(parameters, first as Tensor4D, second as Tensor4D),
    outputs: (result) => flowTensors(result as FlowPair),
    verify: verifyFlow,
  };
}

/** Creates the trial of a warp. */
export function warpTrial(definition: PartDefinition, options: unknown): Trial {
  const part: Warp = makePart("warp", definition, options);
  return {
    name: `warp "${definition.name}"`,
    specs: [],
    multiple: 1,
    moving: ["image", "flow"],
    isMean: false,
    shareable: ["image"],
    prefix: "",
    inputs: ({ batch, height, width }, seed) => ({
      image: noise([batch, height, width, 3], seed),
      flow: noise([batch, height, width, 2], seed + 100, 0.1, 0.4),
    }),
    call: (_, { image, flow }) => part.warp(image as Tensor4D, flow as Tensor4D),
    outputs: (result) => ({ sampled: result as Tensor4D }),
    verify({ sampled }, { batch, height, width }) {
      const { shape, values } = sampled!, expected = [batch, height, width, 3];
      check(values.every(Number.isFinite), "the result must be finite");
      check(
        shape.join() === expected.join(),
        `the result must be [${expected.join(", ")}] and is [${shape.join(", ")}]`,
      );
    },
  };
}

/** Returns the input of a loss from named tensors. */
export function lossInput(named: Named): LossInput {
  const four = (name: string) => named[name] as Tensor4D;
  return {
    first: four("first"),
    second: four("second"),
    groundTruth: four("groundTruth"),
    times: named["times"] as Tensor1D,
    flow: { forward: four("forward"), backward: four("backward") },
    knownFlow: { forward: four("knownForward"), backward: four("knownBackward") },
    output: {
      frames: four("frames"),
      flowToFirst: four("toFirst"),
      flowToSecond: four("toSecond"),
      approximate: { flowToFirst: four("nearFirst"), flowToSecond: four("nearSecond") },
    },
  };
}

const FRAMES = ["first", "second", "groundTruth", "frames"];
const FLOWS = [
  ...["forward", "backward", "knownForward", "knownBackward"],
  ...["toFirst", "toSecond", "nearFirst", "nearSecond"],
];

/** Creates the trial of a loss: a batch of frame pairs, one time each, with all inputs that a loss may use. */
export function lossTrial(definition: PartDefinition, options: unknown): Trial {
  const part: Loss = makePart("loss", definition, options);
  return {
    name: `loss "${definition.name}"`,
    specs: part.parameters,
    multiple: 1,
    moving: ["frames", "forward", "backward", "toFirst", "toSecond", "nearFirst", "nearSecond"],
    isMean: true,
    shareable: [],
    prefix: part.weights?.prefix ?? "loss",
    inputs: ({ batch, height, width }, seed) => ({
      times: noise([batch], seed, 0.1, 0.9),
      ...Object.fromEntries(FRAMES.map((name, i) => [name, noise([batch, height, width, 3], seed + 10 * i)])),
      ...Object.fromEntries(
        FLOWS.map((name, i) => [name, noise([batch, height, width, 2], seed + 500 + 10 * i, 0.1, 0.4)]),
      ),
    }),
    call: (parameters, named) => part.compute(parameters, lossInput(named)),
    outputs: (result) => ({ value: result as Scalar }),
    verify({ value }) {
      const { shape, values } = value!;
      check(shape.length === 0, `the value must be a scalar and is [${shape.join(", ")}]`);
      check(Number.isFinite(values[0]), `the value must be finite and is ${values[0]}`);
    },
  };
}
