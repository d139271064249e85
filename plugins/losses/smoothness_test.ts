import { strictEqual as equal } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { input, NONE, onCpu, value } from "./_testing.ts";
import { smoothness } from "./smoothness.ts";

Deno.test("smoothness() adds the mean horizontal and vertical slopes of both flows", () =>
  onCpu(() => {
    const forward = tf.tensor4d([0, 0, 1, 0, 4, 2, 3, 0], [1, 2, 2, 2]);
    const backward = tf.fill([1, 2, 2, 2], 7) as tf.Tensor4D;
    const across = (1 + 0 + 1 + 2) / 4, down = (4 + 2 + 2 + 0) / 4;
    const { compute } = smoothness();
    equal(value(compute(NONE, input({ flow: { forward, backward } }))), across + down);
    equal(value(compute(NONE, input({ flow: { forward } }))), across + down);
    equal(value(compute(NONE, input({ flow: { forward, backward: forward } }))), 2 * (across + down));
  }));

Deno.test("smoothness() of the same motion is equal at half the size", () =>
  onCpu(() => {
    const ramp = (size: number, slope: number) =>
      tf.tensor4d(Array.from({ length: 2 * size * size }, (_, i) => slope * (Math.floor(i / 2) % size)), [
        1,
        size,
        size,
        2,
      ]);
    const { compute } = smoothness();
    const whole = value(compute(NONE, input({ flow: { forward: ramp(8, 0.25) } })));
    const half = value(compute(NONE, input({ flow: { forward: ramp(4, 0.25) }, scale: 0.5 })));
    equal(whole, 0.25);
    equal(half, 0.25);
  }));
