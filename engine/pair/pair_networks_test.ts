import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { API_VERSION, definePart, definePlugin, type Interpolator } from "@slomo/core";
import { createToolkit } from "@slomo/core/manifest";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { openPairNetworks } from "./pair_networks.ts";

/** Opens an interpolator that needs no flow, and records the flow scales that it is given. */
async function open(flowScale: number, takesFlowScale?: boolean) {
  const seen: (number | undefined)[] = [], options = z.strictObject({}), description = "Does nothing.";
  const interpolator: Interpolator = {
    flow: "none",
    takesFlowScale,
    multiple: 1,
    parameters: [],
    prepareFrame(_, frame, flowScale) {
      seen.push(flowScale);
      return { frame: tf.clone(frame) };
    },
    preparePair(_, { first, flowScale }) {
      seen.push(flowScale);
      return { first: tf.clone(first) };
    },
    interpolate(_, { first, flowScale }) {
      seen.push(flowScale);
      return { frames: tf.clone(first) };
    },
  };
  const plugin = definePlugin({
    name: "alone",
    apiVersion: API_VERSION,
    provides: [
      definePart({ slot: "interpolator", name: "alone", description, options, create: () => interpolator }),
      definePart({
        slot: "warp",
        name: "none",
        description,
        options,
        create: () => ({ warp: (image) => tf.clone(image) }),
      }),
    ],
  });
  const toolkit = await createToolkit(
    { plugins: ["test:alone"], use: { interpolator: { name: "alone" }, warp: { name: "none" }, media: [] } },
    () => Promise.resolve({ default: plugin }),
  );
  return { seen, networks: await openPairNetworks({ toolkit, weights: undefined, flowScale }) };
}

Deno.test("openPairNetworks() hands the flow scale to an interpolator that takes it, and refuses it for others", async () => {
  await tf.setBackend("cpu");
  for (const [scale, takes, expected] of [[0.5, true, 0.5], [1, true, 1], [1, undefined, undefined]] as const) {
    const { seen, networks } = await open(scale, takes);
    tf.tidy(() => {
      const first = tf.zeros([1, 2, 2, 3]) as tf.Tensor4D;
      tf.dispose([networks.prepareFrame!({}, first), networks.preparePair!({}, { first, second: first })]);
      return networks.frames({}, { first, second: first }, tf.tensor1d([0.5])).frames;
    }).dispose();
    equal(seen, [expected, expected, expected]);
  }
  await rejects(() => open(0.5), {
    name: "UsageError",
    code: "invalid-option",
    message: /alone.*cannot change the resolution of its flow: it estimates none; leave `flowScale` out/,
  });
});
