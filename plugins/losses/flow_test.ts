import { ok, strictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { gradientError, input, noise, NONE, onCpu, value } from "./_testing.ts";
import { flow } from "./flow.ts";

const constant = (dx: number, dy: number) => tf.tensor4d([dx, dy, dx, dy, dx, dy, dx, dy], [1, 2, 2, 2]);
const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-5, `${a} is not ${b}`);

Deno.test("flow() returns the mean length of the difference, forward plus backward", () =>
  onCpu(() => {
    const { compute } = flow({ epsilon: 1e-9 });
    const found = { forward: constant(3, 4), backward: constant(0, 1) };
    const knownFlow = { forward: constant(0, 0), backward: constant(0, -1) };
    near(value(compute(NONE, input({ flow: found, knownFlow }))), 5 + 2);
    near(value(compute(NONE, input({ flow: { forward: found.forward }, knownFlow }))), 5);
  }));

Deno.test("flow() measures in pixels of the full size at every pyramid level", () =>
  onCpu(() => {
    const at = (scale: number) =>
      value(
        flow().compute(
          NONE,
          input({ flow: { forward: constant(3 * scale, 0) }, knownFlow: { forward: constant(0, 4 * scale) }, scale }),
        ),
      );
    near(at(1), Math.sqrt(25 + 0.01));
    near(at(0.5), at(1));
    near(at(0.25), at(1));
  }));

Deno.test("flow() is 0 for data without known flow, and finite with a gradient for correct flow", () =>
  onCpu(() => {
    const { compute } = flow();
    equal(value(compute(NONE, input({ flow: { forward: constant(3, 4) } }))), 0);
    const right = constant(3, 4);
    const gradient = tf.grad((x: tf.Tensor) =>
      compute(NONE, input({ flow: { forward: x as tf.Tensor4D }, knownFlow: { forward: right } }))
    )(right);
    equal(gradient.dataSync().join(), "0,0,0,0,0,0,0,0");
  }));

Deno.test("flow() has the gradient of finite differences", () =>
  onCpu(() => {
    const knownFlow = { forward: noise([2, 3, 2, 2], 1, -3, 3), backward: noise([2, 3, 2, 2], 2, -3, 3) };
    for (const direction of ["forward", "backward"] as const) {
      const error = gradientError(
        (moved) => flow().compute(NONE, input({ flow: { ...knownFlow, [direction]: moved }, knownFlow, scale: 0.5 })),
        noise([2, 3, 2, 2], 3, -3, 3),
      );
      ok(error < 1e-2, `${direction}: ${error}`);
    }
  }));

Deno.test("flow() rejects an epsilon without a gradient, and an interpolator without flow", () =>
  onCpu(() => {
    throws(() => flow({ epsilon: 0 }), RangeError);
    throws(() => flow().compute(NONE, input({ knownFlow: { forward: constant(0, 0) } })), UsageError);
  }));
