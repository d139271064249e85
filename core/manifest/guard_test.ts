import { deepStrictEqual as equal, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { Interpolator, Loss, Warp } from "../contracts/parts.ts";
import type { Features } from "../contracts/tensors.ts";
import { JobError, UsageError } from "../errors.ts";
import { chooseBackend } from "../../engine/choose.ts";
import { registerGradients } from "../../engine/gradients.ts";
import { guardPart } from "./guard.ts";

const LABEL = 'plugin p: warp "w"';

/** A part with a private field. */
class Counting implements Warp {
  #calls = 0;
  warp(image: tf.Tensor4D): tf.Tensor4D {
    this.#calls++;
    // The guard disposes the intermediate tensor.
    return tf.mul(tf.add(image, 1), 2) as tf.Tensor4D;
  }
  calls(): number {
    return this.#calls;
  }
}

Deno.test("guardPart() keeps private fields working, and disposes intermediate tensors", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const part = new Counting(), guarded = guardPart("warp", part, LABEL) as Counting;
  const image = tf.ones<tf.Rank.R4>([1, 2, 3, 3]),
    flow = tf.zeros<tf.Rank.R4>([1, 2, 3, 2]),
    before = tf.memory().numTensors;
  const once = (guarded as Warp).warp(image, flow), again = (guarded as Warp).warp(image, flow);
  equal([once.shape, guarded.calls(), part.calls(), tf.memory().numTensors - before], [[1, 2, 3, 3], 2, 2, 2]);
  tf.dispose([image, flow, once, again]);
  await backend.close();
});

Deno.test("guardPart() allows gradients to keep tensors", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  await registerGradients();
  const loss: Loss = {
    parameters: [],
    compute: (_, { output, groundTruth }) => tf.mean(tf.sqrt(tf.squaredDifference(output.frames, groundTruth))),
  };
  const guarded = guardPart("loss", loss, 'plugin p: loss "l"');
  const first = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]), times = tf.tensor1d([0.5]), groundTruth = first;
  const value = (frames: tf.Tensor) =>
    guarded.compute({}, { first, second: first, times, groundTruth, output: { frames: frames as tf.Tensor4D } });
  const gradient = tf.grad(value)(tf.ones([1, 2, 2, 3]));
  equal([...await gradient.data()].map((x) => Math.fround(x * 12)), Array(12).fill(1));
  await backend.close();
});

Deno.test("guardPart() refuses incomplete parts, and names the part in its errors", () => {
  const bad = (part: unknown) => () => guardPart("warp", part as Warp, LABEL);
  throws(
    bad(undefined),
    (error) => error instanceof UsageError && error.message === `${LABEL}: create() returned no part`,
  );
  throws(
    bad({}),
    (error) => error instanceof UsageError && error.message === `${LABEL}: the part's warp must be a function`,
  );
  const image = tf.zeros<tf.Rank.R4>([1, 1, 1, 3]), flow = tf.zeros<tf.Rank.R4>([1, 1, 1, 2]);
  const failing = (error: Error) => () =>
    guardPart("warp", {
      warp: () => {
        throw error;
      },
    }, LABEL).warp(image, flow);
  throws(
    failing(new TypeError("no card\nat x")),
    (error) => error instanceof JobError && error.message === `${LABEL}: no card`,
  );
  const clear = new UsageError("as it is");
  throws(failing(clear), (error) => error === clear);
});

Deno.test("guardPart() checks features that an interpolator prepares, and leaves methods absent that it lacks", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const frame = tf.zeros<tf.Rank.R4>([2, 3, 4, 3]), label = 'plugin p: interpolator "i"';
  const guarded = (prepareFrame: Interpolator["prepareFrame"]) =>
    guardPart("interpolator", {
      ...{ flow: "none", multiple: 1, parameters: [], prepareFrame },
      interpolate: (_, { first }) => ({ frames: tf.clone(first) }),
    }, label);
  const before = tf.memory().numTensors;
  const { mean } = guarded((_, x) => ({ mean: tf.mul(tf.mean(x, 3, true), 2) as tf.Tensor4D })).prepareFrame!(
    {},
    frame,
  );
  equal([mean!.shape, tf.memory().numTensors - before], [[2, 3, 4, 1], 1]);
  const fails = (features: (x: tf.Tensor4D) => unknown, message: string) =>
    throws(
      () => guarded((_, x) => features(x) as Features).prepareFrame!({}, frame),
      new JobError(`${label}: ${message}`, { code: "part-failed" }),
    );
  fails(() => undefined, "prepareFrame returned no features");
  fails(
    (x) => ({ a: tf.slice(x, [0, 0, 0, 0], [1, 3, 4, 3]) }),
    "a of prepareFrame must be [2, any, any, any], got [1, 3, 4, 3]",
  );
  fails((x) => ({ a: tf.mean(x, 3) }), "a of prepareFrame must be [2, any, any, any], got [2, 3, 4]");
  fails((x) => ({ a: tf.cast(x, "int32") }), "a of prepareFrame must be float32, got int32");
  equal([guarded(undefined).prepareFrame, guarded(undefined).preparePair], [undefined, undefined]);
  tf.dispose([frame, mean!]);
  await backend.close();
});
