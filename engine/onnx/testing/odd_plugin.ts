/** A plugin for tests whose interpolator uses an op without a mapping. */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { definePart, definePlugin, type Plugin } from "../../../core/contracts/parts.ts";

const interpolator = definePart({
  slot: "interpolator",
  name: "sorted",
  description: "Sorts the channels of the first frame.",
  options: z.strictObject({}),
  create: () => ({
    flow: "none",
    multiple: 1,
    parameters: [],
    interpolate: (_parameters, { first }) => ({ frames: tf.topk(first, 3).values }),
  }),
});

const warp = definePart({
  slot: "warp",
  name: "still",
  description: "Leaves the image where it is.",
  options: z.strictObject({}),
  create: () => ({ warp: (image) => tf.clone(image) }),
});

const codec = definePart({
  slot: "media",
  name: "nothing",
  description: "Reads and writes nothing.",
  options: z.strictObject({}),
  create: () => ({}),
});

const plugin: Plugin = definePlugin({ name: "odd", apiVersion: 1, provides: [interpolator, warp, codec] });

export default plugin;
