import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distance, onWasm, plainWarp, randomParameters, randomTensor, zeroParameters } from "./_testing.ts";
import { type FlowEstimatorOptions, superSlomoFlow, superSlomoFlowPart } from "./flow_estimator.ts";
import { estimateOnLevels } from "./pyramid.ts";
import { unet } from "./unet.ts";

const make = (options: FlowEstimatorOptions) => superSlomoFlow({ width: 1 / 32, ...options }, { warp: plainWarp });
const pair = (h: number, w: number, n = 1) => [randomTensor([n, h, w, 3], 1), randomTensor([n, h, w, 3], 2)] as const;
const whole = ({ forward, backward }: { forward: tf.Tensor4D; backward?: tf.Tensor4D | undefined }) =>
  tf.concat([forward, backward!], 3);

Deno.test("superSlomoFlow() on one pyramid level returns the network's output times the flow scale", () =>
  onWasm(() => {
    const [first, second] = pair(20, 40, 2), scaled = make({ flowScale: 20 });
    const parameters = randomParameters(scaled.parameters, 3);
    const expected = tf.mul(unet(parameters, tf.concat([first, second], 3)), 20);
    const { forward, backward } = scaled.estimate(parameters, first, second);
    equal([forward.shape, backward!.shape], [[2, 20, 40, 2], [2, 20, 40, 2]]);
    ok(distance(whole({ forward, backward }), expected) < 1e-4);
    const leaky = make({ flowActivation: "leakyRelu" }).estimate(parameters, first, second);
    ok(distance(whole(leaky), tf.div(tf.leakyRelu(expected, 0.1), 20)) < 1e-4);
  }));

Deno.test("superSlomoFlow() returns exactly zero flow if the network returns zero, on all pyramid levels", () =>
  onWasm(() => {
    const estimator = make({ flowLevels: [0.25, 0.5], flowScale: 20 });
    const [first, second] = pair(9, 6);
    equal(
      distance(whole(estimator.estimate(zeroParameters(estimator.parameters), first, second)), Array(216).fill(0)),
      0,
    );
  }));

Deno.test("superSlomoFlow() refines both directions in one pass where asked", () =>
  onWasm(() => {
    const [first, second] = pair(16, 32), options = { channels: [128, 160], flowLevels: [0.5, 1] };
    const estimator = make({ ...options, refinementPasses: 1 });
    const parameters = randomParameters(estimator.parameters, 3), found = estimator.estimate(parameters, first, second);
    const once = (a: tf.Tensor4D, b: tf.Tensor4D) => unet(parameters, tf.concat([a, b], 3), options);
    const levels = estimateOnLevels(once, first, second, [0.5, 1], plainWarp, 1);
    equal(distance(whole(found), levels[1]!), 0);
    equal(distance(whole(found.coarser![0]!), levels[0]!), 0);
    ok(distance(whole(found), whole(make(options).estimate(parameters, first, second))) > 0.01);
  }));

Deno.test("superSlomoFlow() aligns tiles to its coarsest hierarchy, and plans memory by its channels", () => {
  const hints = (options: FlowEstimatorOptions) => {
    const { alignment, memory } = make({ width: 1, ...options });
    return [alignment, memory!.bytesPerPixel];
  };
  equal(hints({ width: 0.5 }), [32, 800]);
  equal(hints({ width: 0.5, flowLevels: [0.25, 0.5] }), [32, 800]);
  equal(hints({ width: 0.5, flowLevels: [0.125, 0.5] }), [64, 800]);
  equal(hints({ channels: [8, 128, 16] }), [4, 160 + 40 * 32]);
});

Deno.test("superSlomoFlowPart has the paper's values as defaults", async () => {
  equal(await superSlomoFlowPart.options["~standard"].validate({}), {
    value: {
      width: 1,
      channels: [32, 64, 128, 256, 512, 512],
      firstKernel: 7,
      secondKernel: 5,
      flowScale: 1,
      flowActivation: "linear",
      flowLevels: [1],
      refinementPasses: 2,
    },
  });
  const one = await superSlomoFlowPart.options["~standard"].validate({ flowLevels: 0.5 });
  equal(!one.issues && (one.value as FlowEstimatorOptions).flowLevels, [0.5]);
});

Deno.test("superSlomoFlowPart rejects options outside of their range, and names them", async () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ width: 0 }, "width"],
    [{ width: 5 }, "width"],
    [{ firstKernel: 4 }, "firstKernel"],
    [{ flowScale: -1 }, "flowScale"],
    [{ flowActivation: "relu" }, "flowActivation"],
    [{ flowLevels: [] }, "flowLevels"],
    [{ flowLevels: [1, 0.5] }, "flowLevels"],
    [{ flowLevels: [0.3, 1] }, "flowLevels"],
    [{ flowLevels: [2] }, "flowLevels"],
    [{ flowLevels: [1 / 32, 1] }, "flowLevels"],
    [{ channels: [32] }, "channels"],
    [{ channels: [32, 0] }, "channels"],
    [{ channels: [32, 48.5] }, "channels"],
    [{ channels: Array(9).fill(8) }, "channels"],
    [{ refinementPasses: 3 }, "refinementPasses"],
  ];
  for (const [options, name] of cases) {
    const { issues } = await superSlomoFlowPart.options["~standard"].validate(options);
    equal(issues?.[0]?.path?.[0], name, JSON.stringify(options));
    throws(
      () => make(options),
      (error) => error instanceof RangeError && error.message.startsWith(`super-slomo: ${name}`),
    );
  }
  equal((await superSlomoFlowPart.options["~standard"].validate({ widht: 1 })).issues?.length, 1);
});
