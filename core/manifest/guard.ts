import * as tf from "@tensorflow/tfjs-core";
import type { SlotName, Slots } from "../contracts/parts.ts";
import type { FlowPair, Interpolated, InterpolationInput } from "../contracts/tensors.ts";
import { JobError, UsageError } from "../errors.ts";

/** Errors that say all there is to say, and those that end what somebody else began. */
const CLEAR: ReadonlySet<string> = new Set(["UsageError", "JobError", "AbortError", "TimeoutError"]);

/** An error of a part as one that names it. */
export function blame(label: string, error: unknown): Error {
  if (error instanceof Error && CLEAR.has(error.name)) return error;
  const why = error instanceof Error ? error.message.split("\n", 1)[0] || error.name : String(error);
  return new JobError(`${label}: ${why}`, { cause: error });
}

function fails(label: string, what: string): never {
  throw new JobError(`${label}: ${what}`);
}

/** @throws {JobError} Unless `tensor` has the shape; `null` stands for any length. */
function checkShape(label: string, what: string, tensor: unknown, shape: readonly (number | null)[]): void {
  if (!(tensor instanceof tf.Tensor)) fails(label, `it gave no tensor as ${what}`);
  const found = tensor.shape;
  const fits = found.length === shape.length && shape.every((length, i) => length === null || length === found[i]);
  const wanted = shape.map((length) => length ?? "any").join(", ");
  if (!fits) fails(label, `${what} must be [${wanted}], it gave [${found.join(", ")}]`);
}

function checkFlow(label: string, flow: FlowPair, [n, h, w]: readonly number[]): void {
  if (typeof flow !== "object" || flow === null) fails(label, "it gave no flow");
  checkShape(label, "forward", flow.forward, [n!, h!, w!, 2]);
  if (flow.backward !== undefined) checkShape(label, "backward", flow.backward, [n!, h!, w!, 2]);
  for (const level of flow.coarser ?? []) {
    checkShape(label, "forward of a coarser level", level.forward, [n!, null, null, 2]);
  }
}

function checkFrames(label: string, made: Interpolated, { first, times }: InterpolationInput): void {
  if (typeof made !== "object" || made === null) fails(label, "it gave no frames");
  const place = [times.shape[0], first.shape[1], first.shape[2]] as const;
  checkShape(label, "frames", made.frames, [...place, 3]);
  const { flowToFirst, flowToSecond, visibility, approximate } = made;
  const check = (name: string, tensor: tf.Tensor | undefined, channels: number) => {
    if (tensor !== undefined) checkShape(label, name, tensor, [...place, channels]);
  };
  check("flowToFirst", flowToFirst, 2);
  check("flowToSecond", flowToSecond, 2);
  check("visibility", visibility, 1);
  check("approximate.flowToFirst", approximate?.flowToFirst, 2);
  check("approximate.flowToSecond", approximate?.flowToSecond, 2);
  check("approximate.firstWarped", approximate?.firstWarped, 3);
  check("approximate.secondWarped", approximate?.secondWarped, 3);
}

/** What a part gives, freed of what it left behind; what it holds on to is an error, since each call would add to it. */
function tidied<T extends object>(label: string, given: readonly unknown[], compute: () => T): T {
  const { state } = tf.engine(), before = state.numTensors;
  const made = tf.tidy(() => {
    try {
      return compute() as tf.TensorContainerObject;
    } catch (error) {
      throw blame(label, error);
    }
  }) as T;
  // What a gradient needs is kept on purpose while one is computed.
  if (state.gradientDepth > 0) return made;
  const returned = new Set(
    tf.tensor_util.getTensorsInContainer(made as tf.TensorContainerObject).filter((tensor) => !given.includes(tensor)),
  );
  const left = state.numTensors - before - returned.size;
  if (left > 0) fails(label, `it keeps ${left} tensor${left === 1 ? "" : "s"} of a call; let tf.tidy() free them`);
  return made;
}

/** `part` with another method in the place of one of its own; what else it has still runs on the part itself. */
function withMethod<P extends object, K extends keyof P>(part: P, name: K, method: P[K]): P {
  return new Proxy(part, {
    get(target, key) {
      if (key === name) return method;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

type Guards = { readonly [S in SlotName]: (part: Slots[S], label: string) => Slots[S] };

const GUARDS: Guards = {
  flowEstimator: (part, label) =>
    withMethod(part, "estimate", (parameters, first, second) =>
      tidied(label, [first, second], () => {
        const flow = part.estimate(parameters, first, second);
        checkFlow(label, flow, first.shape);
        return flow;
      })),
  interpolator: (part, label) =>
    withMethod(part, "interpolate", (parameters, input) => {
      const { first, second, flow } = input;
      return tidied(label, [first, second, flow?.forward, flow?.backward], () => {
        const made = part.interpolate(parameters, input);
        checkFrames(label, made, input);
        return made;
      });
    }),
  warp: (part, label) =>
    withMethod(part, "warp", (image, flow) =>
      tidied(label, [image], () => {
        const seen = part.warp(image, flow);
        checkShape(label, "the result", seen, [flow.shape[0], ...image.shape.slice(1)]);
        return seen;
      })),
  loss: (part, label) =>
    withMethod(part, "compute", (parameters, input) =>
      tidied(label, [], () => {
        const value = part.compute(parameters, input);
        checkShape(label, "the value", value, []);
        return value;
      })),
  media: (part) => part,
  rateDoubler: (part) => part,
};

/** What each part must have beside options, so that the host can use it. */
const MEMBERS: { readonly [S in SlotName]: Readonly<Record<string, "function" | "number" | "object" | "string">> } = {
  flowEstimator: { multiple: "number", parameters: "object", estimate: "function" },
  interpolator: { flow: "string", multiple: "number", parameters: "object", interpolate: "function" },
  warp: { warp: "function" },
  loss: { parameters: "object", compute: "function" },
  media: {},
  rateDoubler: { describe: "function", double: "function" },
};

/**
 * A part that its plugin has made, watched: what it throws names it, and results of a wrong shape and tensors that it holds
 * on to are errors.
 *
 * @param label What errors call it.
 * @throws {UsageError} If it lacks what a part of its slot has.
 */
export function guardPart<S extends SlotName>(slot: S, part: Slots[S], label: string): Slots[S] {
  if (typeof part !== "object" || part === null) throw new UsageError(`${label}: create() gave no part`);
  for (const [name, type] of Object.entries(MEMBERS[slot])) {
    const found: string = typeof Reflect.get(part, name);
    if (found !== type) throw new UsageError(`${label}: it has no ${name}; a ${type} must be there`);
  }
  return GUARDS[slot](part, label);
}
