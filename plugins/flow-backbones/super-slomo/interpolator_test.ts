import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import type { Interpolated } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { distance, onWasm, plainWarp, randomParameters, randomTensor, zeroParameters } from "./_testing.ts";
import { flowAtT } from "./flow_at_t.ts";
import { type InterpolatorOptions, superSlomoInterpolator, superSlomoInterpolatorPart } from "./interpolator.ts";
import { synthesize } from "./synthesis.ts";
import { unet } from "./unet.ts";

const make = (options: InterpolatorOptions = {}) =>
  superSlomoInterpolator({ width: 1 / 32, ...options }, { warp: plainWarp });

const inputs = (h: number, w: number, times: number[], n = 1) => ({
  first: randomTensor([n, h, w, 3], 1),
  second: randomTensor([n, h, w, 3], 2),
  flow: { forward: randomTensor([n, h, w, 2], 3, -2, 2), backward: randomTensor([n, h, w, 2], 4, -2, 2) },
  times: tf.tensor1d(times),
});

/** Returns member `i` of each tensor of a result. */
const member = (made: Interpolated, i: number) =>
  [made.frames, made.flowToFirst!, made.flowToSecond!, made.visibility!].map((x) =>
    tf.slice(x, [i, 0, 0, 0], [1, -1, -1, -1])
  );

Deno.test("superSlomoInterpolator() computes the paper's equations around the network", () =>
  onWasm(() => {
    for (const interpolationInput of ["paper", "withFlows"] as const) {
      const part = make({ interpolationInput, flowScale: 4 }), parameters = randomParameters(part.parameters, 5);
      const input = inputs(10, 7, [0.25]), { first, second, flow: { forward, backward }, times } = input;
      const near = flowAtT(forward, backward, times), { warp } = plainWarp;
      const flows = [near.flowToFirst, near.flowToSecond, ...interpolationInput === "paper" ? [] : [forward, backward]];
      const seen = tf.concat([
        first,
        second,
        warp(first, near.flowToFirst),
        warp(second, near.flowToSecond),
        ...flows.map((flow) => tf.div<tf.Tensor4D>(flow, 4)),
      ], 3);
      const [d0, d1, logit] = tf.split(unet(parameters, seen), [2, 2, 1], 3) as tf.Tensor4D[];
      const f0 = tf.add<tf.Tensor4D>(near.flowToFirst, tf.mul(d0!, 4)),
        f1 = tf.add<tf.Tensor4D>(near.flowToSecond, tf.mul(d1!, 4));
      const v = tf.sigmoid(logit!), w0 = tf.mul(0.75, v), w1 = tf.mul(0.25, tf.sub(1, v));
      const z = tf.add(tf.add(w0, w1), 1e-6);
      const expected = tf.div(tf.add(tf.mul(w0, warp(first, f0)), tf.mul(w1, warp(second, f1))), z);
      const made = part.interpolate(parameters, input);
      ok(distance(made.frames, expected) < 1e-5);
      ok(distance(made.flowToFirst!, f0) < 1e-5);
      ok(distance(made.flowToSecond!, f1) < 1e-5);
      ok(distance(made.visibility!, v) < 1e-6);
      equal(distance(made.approximate!.flowToFirst, near.flowToFirst), 0);
      equal(distance(made.approximate!.flowToSecond, near.flowToSecond), 0);
    }
  }));

Deno.test("superSlomoInterpolator() at a lower resolution reads and refines flow in pixels of that, and blends in full", () =>
  onWasm(() => {
    for (const [interpolationScale, reduction] of [[0.5, 2], [0.25, 4]] as const) {
      const layout = { channels: [128, 160, 192], reduction };
      const part = make({ channels: layout.channels, interpolationScale, flowScale: 3 });
      const parameters = randomParameters(part.parameters, 5);
      const input = inputs(10, 14, [0.25]), { first, second, flow: { forward, backward }, times } = input;
      const { flowToFirst, flowToSecond } = flowAtT(forward, backward, times), { warp } = plainWarp;
      const images = [first, second, warp(first, flowToFirst), warp(second, flowToSecond)];
      const flows = [flowToFirst, flowToSecond].map((flow) => tf.div<tf.Tensor4D>(flow, 3 * reduction));
      const [d0, d1, logit] = tf.split(
        unet(parameters, tf.concat([...images, ...flows], 3), layout),
        [2, 2, 1],
        3,
      ) as tf.Tensor4D[];
      const f0 = tf.add<tf.Tensor4D>(flowToFirst, tf.mul(d0!, 3 * reduction));
      const f1 = tf.add<tf.Tensor4D>(flowToSecond, tf.mul(d1!, 3 * reduction));
      const made = part.interpolate(parameters, input), v = tf.sigmoid(logit!) as tf.Tensor4D;
      ok(distance(made.flowToFirst!, f0) < 1e-4);
      ok(distance(made.visibility!, v) < 1e-5);
      ok(distance(made.frames, synthesize(warp(first, f0), warp(second, f1), v, times)) < 1e-4);
      equal([part.alignment, part.multiple], [4 * reduction, 1]);
    }
  }));

Deno.test("superSlomoInterpolator() without motion returns exactly zero flow and a blend by time", () =>
  onWasm(() => {
    const part = make({ flowScale: 20 }), still = tf.zeros([1, 6, 9, 2]) as tf.Tensor4D;
    const input = { ...inputs(6, 9, [0.5, 0.25]), flow: { forward: still, backward: still } };
    const made = part.interpolate(zeroParameters(part.parameters), input);
    equal(distance(made.flowToFirst!, Array(216).fill(0)), 0);
    equal(distance(made.visibility!, Array(108).fill(0.5)), 0);
    const blend = (t: number) => tf.add(tf.mul(input.first, 1 - t), tf.mul(input.second, t));
    ok(distance(made.frames, tf.concat([blend(0.5), blend(0.25)], 0)) < 1e-5);
  }));

Deno.test("superSlomoInterpolator() returns the same for several times of a pair as for each alone", () =>
  onWasm(() => {
    const part = make(), parameters = randomParameters(part.parameters, 5);
    const many = part.interpolate(parameters, inputs(5, 6, [0.25, 0.5, 0.9]));
    equal([many.frames.shape, many.visibility!.shape], [[3, 5, 6, 3], [3, 5, 6, 1]]);
    for (const [i, t] of [0.25, 0.5, 0.9].entries()) {
      const alone = part.interpolate(parameters, inputs(5, 6, [t]));
      for (const [k, x] of member(many, i).entries()) ok(distance(x, member(alone, 0)[k]!) < 1e-5);
    }
    const [quarter, half] = [member(many, 0)[0]!, member(many, 1)[0]!];
    ok(distance(quarter, half) > 0.01);
  }));

Deno.test("superSlomoInterpolator() applies leaky ReLU to all outputs if requested", () =>
  onWasm(() => {
    const part = make({ flowActivation: "leakyRelu" }), linear = make(), input = inputs(4, 3, [0.5]);
    const parameters = randomParameters(part.parameters, 5);
    const [leaky, plain] = [part.interpolate(parameters, input), linear.interpolate(parameters, input)];
    const change = (made: Interpolated) => tf.sub(made.flowToFirst!, made.approximate!.flowToFirst);
    ok(distance(change(leaky), tf.leakyRelu(change(plain), 0.1)) < 1e-5);
    const logit = (v: tf.Tensor) => tf.log(tf.div(v, tf.sub(1, v)));
    ok(distance(logit(leaky.visibility!), tf.leakyRelu(logit(plain.visibility!), 0.1)) < 1e-3);
  }));

Deno.test("superSlomoInterpolator() rejects flow in one direction", () =>
  onWasm(() => {
    const part = make(), { flow, ...input } = inputs(2, 2, [0.5]);
    const parameters = zeroParameters(part.parameters);
    throws(() => part.interpolate(parameters, input), TypeError);
    throws(() => part.interpolate(parameters, { ...input, flow: { forward: flow.forward } }), TypeError);
  }));

Deno.test("superSlomoInterpolatorPart has the paper's values as defaults, and names the options of the architecture", async () => {
  equal(await superSlomoInterpolatorPart.options["~standard"].validate({}), {
    value: {
      width: 1,
      channels: [32, 64, 128, 256, 512, 512],
      firstKernel: 7,
      secondKernel: 5,
      flowScale: 1,
      flowActivation: "linear",
      interpolationInput: "paper",
      interpolationScale: 1,
    },
  });
  equal(superSlomoInterpolatorPart.architecture, [
    "width",
    "channels",
    "firstKernel",
    "secondKernel",
    "flowScale",
    "flowActivation",
    "interpolationInput",
    "interpolationScale",
  ]);
  throws(() => make({ interpolationScale: 0.3 as 0.5 }), /super-slomo: interpolationScale: Invalid input/);
  throws(() => make({ firstKernel: 2 }), /super-slomo: firstKernel: must be odd/);
});
