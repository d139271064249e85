import { ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { gradientError, input, noise, NONE, onCpu, plainWarp, type Shape, value } from "./_testing.ts";
import { warping } from "./warping.ts";

const loss = warping({ warp: plainWarp });
const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);
const row = (...levels: number[]) =>
  tf.tensor4d(levels.flatMap((level) => [level, level, level]), [1, 1, levels.length, 3]);
const shift = (dx: number, count: number, width = 4) =>
  tf.tensor4d(Array.from({ length: count * width }, () => [dx, 0]).flat(), [count, 1, width, 2]);

Deno.test("warping() adds the four terms, for an image that moves by two pixels", () =>
  onCpu(() => {
    const first = row(0, 0.4, 0.8, 1), second = row(0, 0, 0, 0.4);
    const flow = { forward: shift(2, 1), backward: shift(-2, 1) };
    const forward = (Math.abs(0 - 0) + Math.abs(0.4 - 0.4) + Math.abs(0.8 - 0.4) + Math.abs(1 - 0.4)) / 4;
    const backward = (0 + 0 + 0 + 0) / 4;
    near(value(loss.compute(NONE, input({ first, second, flow }))), forward + backward);
    near(value(loss.compute(NONE, input({ first, second, flow: { forward: flow.forward } }))), forward);
    const groundTruth = row(0, 0, 0.4, 0.9);
    const approximate = { flowToFirst: shift(-1, 1), flowToSecond: shift(1, 1) };
    const toFirst = (0 + 0 + 0 + Math.abs(0.9 - 0.8)) / 4, toSecond = (0 + 0 + 0 + Math.abs(0.9 - 0.4)) / 4;
    const output = { frames: groundTruth, approximate };
    near(
      value(loss.compute(NONE, input({ first, second, flow, groundTruth, output }))),
      forward + backward + toFirst + toSecond,
    );
  }));

Deno.test("warping() sums over the times of a pair and averages over a batch of pairs", () =>
  onCpu(() => {
    const zero = shift(0, 1), still = { forward: zero, backward: zero };
    const first = row(0, 0, 0, 0),
      second = row(0, 0, 0, 0),
      groundTruth = tf.concat([row(1, 1, 1, 1), row(0, 0, 0, 0)]);
    const approximate = { flowToFirst: shift(0, 2), flowToSecond: shift(0, 2) };
    const output = { frames: groundTruth, approximate };
    near(value(loss.compute(NONE, input({ first, second, flow: still, groundTruth, output }))), 1 + 1);
    const twice = (x: tf.Tensor4D) => tf.concat([x, x]);
    const flow = { forward: twice(zero), backward: twice(zero) };
    near(
      value(loss.compute(NONE, input({ first: twice(first), second: twice(second), flow, groundTruth, output }))),
      0.5 + 0.5,
    );
  }));

Deno.test("warping() has the gradient of finite differences with respect to each flow", () =>
  onCpu(() => {
    const shape: Shape = [1, 3, 4, 3], flowShape: Shape = [1, 3, 4, 2];
    const first = noise(shape, 1), second = noise(shape, 2), groundTruth = noise(shape, 3);
    const flows = [4, 5, 6, 7].map((seed) => noise(flowShape, seed, 0.1, 0.4));
    for (const index of flows.keys()) {
      const error = gradientError(
        (moved) => {
          const [forward, backward, flowToFirst, flowToSecond] = flows.map((flow, i) => i === index ? moved : flow) as [
            tf.Tensor4D,
            tf.Tensor4D,
            tf.Tensor4D,
            tf.Tensor4D,
          ];
          const output = { frames: groundTruth, approximate: { flowToFirst, flowToSecond } };
          return loss.compute(NONE, input({ first, second, groundTruth, output, flow: { forward, backward } }));
        },
        flows[index]!,
        1e-3,
      );
      ok(error < 2e-2, `flow ${index}: ${error}`);
    }
  }));
