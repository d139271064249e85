import defer * as tf from "@tensorflow/tfjs-core";
import type { SlotName, Slots } from "../contracts/parts.ts";
import type { Features, FlowPair, Interpolated, InterpolationInput, PairInput } from "../contracts/tensors.ts";
import { JobError, UsageError } from "../errors.ts";
import { blame } from "./blame.ts";

function fail(label: string, problem: string): never {
  throw new JobError(`${label}: ${problem}`, { code: "part-failed" });
}

/** Checks the shape of a tensor; `null` accepts any length. @throws {JobError} If the shape differs. */
function checkShape(label: string, name: string, tensor: unknown, shape: readonly (number | null)[]): void {
  if (!(tensor instanceof tf.Tensor)) fail(label, `it returned no tensor as ${name}`);
  const actual = tensor.shape;
  const fits = actual.length === shape.length && shape.every((length, i) => length === null || length === actual[i]);
  const expected = shape.map((length) => length ?? "any").join(", ");
  if (!fits) fail(label, `${name} must be [${expected}], got [${actual.join(", ")}]`);
}

function checkFlow(label: string, flow: FlowPair, [n, h, w]: readonly number[]): void {
  if (typeof flow !== "object" || flow === null) fail(label, "it returned no flow");
  checkShape(label, "forward", flow.forward, [n!, h!, w!, 2]);
  if (flow.backward !== undefined) checkShape(label, "backward", flow.backward, [n!, h!, w!, 2]);
  for (const level of flow.coarser ?? []) {
    checkShape(label, "forward of a coarser pyramid level", level.forward, [n!, null, null, 2]);
  }
}

function checkFrames(label: string, output: Interpolated, { first, times }: InterpolationInput): void {
  if (typeof output !== "object" || output === null) fail(label, "it returned no frames");
  const size = [times.shape[0], first.shape[1], first.shape[2]] as const;
  checkShape(label, "frames", output.frames, [...size, 3]);
  const { flowToFirst, flowToSecond, visibility, approximate } = output;
  const check = (name: string, tensor: tf.Tensor | undefined, channels: number) => {
    if (tensor !== undefined) checkShape(label, name, tensor, [...size, channels]);
  };
  check("flowToFirst", flowToFirst, 2);
  check("flowToSecond", flowToSecond, 2);
  check("visibility", visibility, 1);
  check("approximate.flowToFirst", approximate?.flowToFirst, 2);
  check("approximate.flowToSecond", approximate?.flowToSecond, 2);
  check("approximate.firstWarped", approximate?.firstWarped, 3);
  check("approximate.secondWarped", approximate?.secondWarped, 3);
}

function checkFeatures(label: string, method: string, features: Features, batch: number): void {
  if (typeof features !== "object" || features === null) fail(label, `${method} returned no features`);
  for (const [name, tensor] of Object.entries(features)) {
    checkShape(label, `${name} of ${method}`, tensor, [batch, null, null, null]);
    if (tensor.dtype !== "float32") fail(label, `${name} of ${method} must be float32, got ${tensor.dtype}`);
  }
}

/** Returns the tensors of a pair, which a part must not return. */
function tensorsOf({ first, second, flow, firstFeatures, secondFeatures }: PairInput): unknown[] {
  const features = [firstFeatures, secondFeatures].flatMap((each) => Object.values(each ?? {}));
  return [first, second, flow?.forward, flow?.backward, ...features];
}

/** Returns the result of a call and disposes its other tensors. A tensor that the part keeps is an error: each call would leak one. */
function tidied<T extends object>(label: string, inputs: readonly unknown[], compute: () => T): T {
  const { state } = tf.engine(), before = state.numTensors;
  const result = tf.tidy(() => {
    try {
      return compute() as tf.TensorContainerObject;
    } catch (error) {
      throw blame(label, error);
    }
  }) as T;
  // tfjs keeps tensors on purpose while it computes a gradient.
  if (state.gradientDepth > 0) return result;
  const returned = new Set(
    tf.tensor_util.getTensorsInContainer(result as tf.TensorContainerObject).filter((tensor) =>
      !inputs.includes(tensor)
    ),
  );
  const leaked = state.numTensors - before - returned.size;
  if (leaked > 0) {
    fail(
      label,
      `it keeps ${leaked} tensor${leaked === 1 ? "" : "s"} of a call; dispose them, for example with tf.tidy()`,
    );
  }
  return result;
}

/** Returns a proxy of `part` with some methods replaced; all other methods run on the part itself. */
function withMethods<P extends object>(part: P, methods: Partial<P>): P {
  return new Proxy(part, {
    get(target, key) {
      if (Object.hasOwn(methods, key)) return Reflect.get(methods, key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

type Guards = { readonly [S in SlotName]: (part: Slots[S], label: string) => Slots[S] };

const GUARDS: Guards = {
  flowEstimator: (part, label) =>
    withMethods(part, {
      estimate: (parameters, first, second) =>
        tidied(label, [first, second], () => {
          const flow = part.estimate(parameters, first, second);
          checkFlow(label, flow, first.shape);
          return flow;
        }),
    }),
  interpolator: (part, label) =>
    withMethods(part, {
      ...part.prepareFrame && {
        prepareFrame: (parameters, frame, flowScale) =>
          tidied(label, [frame], () => {
            const features = part.prepareFrame!(parameters, frame, flowScale);
            checkFeatures(label, "prepareFrame", features, frame.shape[0]);
            return features;
          }),
      },
      ...part.preparePair && {
        preparePair: (parameters, pair) =>
          tidied(label, tensorsOf(pair), () => {
            const features = part.preparePair!(parameters, pair);
            checkFeatures(label, "preparePair", features, pair.first.shape[0]);
            return features;
          }),
      },
      interpolate: (parameters, input) =>
        tidied(label, [...tensorsOf(input), ...Object.values(input.pairFeatures ?? {})], () => {
          const output = part.interpolate(parameters, input);
          checkFrames(label, output, input);
          return output;
        }),
    }),
  warp: (part, label) =>
    withMethods(part, {
      warp: (image, flow) =>
        tidied(label, [image], () => {
          const warped = part.warp(image, flow);
          checkShape(label, "the result", warped, [flow.shape[0], ...image.shape.slice(1)]);
          return warped;
        }),
    }),
  loss: (part, label) =>
    withMethods(part, {
      compute: (parameters, input) =>
        tidied(label, [], () => {
          const value = part.compute(parameters, input);
          checkShape(label, "the value", value, []);
          return value;
        }),
    }),
  media: (part) => part,
  rateDoubler: (part) => part,
  metric: (part) => part,
};

/** A requirement on a member of a part: a description, and whether a value fulfills it. */
type Requirement = readonly [description: string, isFulfilled: (value: unknown) => boolean];

const METHOD: Requirement = ["a function", (value) => typeof value === "function"];
const TEXT: Requirement = ["a string", (value) => typeof value === "string"];
const LIST: Requirement = ["a list", Array.isArray];
const MULTIPLE: Requirement = ["an integer above 0", (value) => Number.isInteger(value) && Number(value) > 0];
const FLOW: Requirement = ['"both", "forward" or "none"', (value) => ["both", "forward", "none"].includes(`${value}`)];

/** Members that a part of each slot must have. */
const MEMBERS: { readonly [S in SlotName]: Readonly<Record<string, Requirement>> } = {
  flowEstimator: { multiple: MULTIPLE, parameters: LIST, estimate: METHOD },
  interpolator: { flow: FLOW, multiple: MULTIPLE, parameters: LIST, interpolate: METHOD },
  warp: { warp: METHOD },
  loss: { parameters: LIST, compute: METHOD },
  media: {},
  rateDoubler: { describe: METHOD, double: METHOD },
  metric: { title: TEXT, describe: METHOD, measure: METHOD },
};

/**
 * Wraps a part of a plugin: its errors name the part, and results of a wrong shape and leaked tensors are errors.
 *
 * @param label Name of the part in errors.
 * @returns A proxy of the part.
 * @throws {UsageError} If the part lacks a member that its slot requires.
 */
export function guardPart<S extends SlotName>(slot: S, part: Slots[S], label: string): Slots[S] {
  if (typeof part !== "object" || part === null) {
    throw new UsageError(`${label}: create() returned no part`, { code: "invalid-plugin", option: "manifest" });
  }
  for (const [name, [description, isFulfilled]] of Object.entries(MEMBERS[slot])) {
    if (isFulfilled(Reflect.get(part, name))) continue;
    throw new UsageError(`${label}: the part's ${name} must be ${description}`, {
      code: "invalid-plugin",
      option: "manifest",
    });
  }
  return GUARDS[slot](part, label);
}
