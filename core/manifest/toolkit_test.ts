import { deepStrictEqual as equal, rejects, strictEqual as same } from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import {
  API_VERSION,
  definePart,
  definePlugin,
  type FlowEstimator,
  type Interpolator,
  type Plugin,
  type Warp,
} from "../contracts/parts.ts";
import type { WeightsFacts } from "../contracts/weights.ts";
import { UsageError, type UsageErrorCode } from "../errors.ts";
import type { Manifest } from "./manifest.ts";
import { bidirectional, createToolkit } from "./toolkit.ts";

const interpolator: Interpolator = {
  flow: "none",
  multiple: 1,
  parameters: [],
  interpolate: (_, { first }) => ({ frames: first }),
};
const warp: Warp = { warp: (image) => image };
const received: unknown[] = [];
let parameters: Interpolator["parameters"] = [];

const plugin: Plugin = definePlugin({
  name: "test-plugin",
  apiVersion: API_VERSION,
  provides: [
    definePart({
      slot: "interpolator",
      name: "still",
      description: "Shows the first frame.",
      options: z.strictObject({ width: z.number().default(1), levels: z.number().optional() }),
      architecture: ["width"],
      create: (options) => {
        received.push(options);
        return { ...interpolator, parameters };
      },
    }),
    definePart({
      slot: "warp",
      name: "none",
      description: "Moves nothing.",
      options: z.strictObject({}),
      create: () => warp,
    }),
    definePart({
      slot: "media",
      name: "nothing",
      description: "Reads nothing.",
      options: z.strictObject({ ffmpeg: z.string().optional() }),
      create: () => ({}),
    }),
  ],
});

const manifest = (use: Partial<Manifest["use"]> = {}): Manifest => ({
  plugins: ["test:plugin"],
  use: { interpolator: { name: "still" }, warp: { name: "none" }, media: { name: "nothing" }, ...use },
});
const toolkit = (plugin: unknown, use?: Partial<Manifest["use"]>) =>
  createToolkit(manifest(use), () => Promise.resolve({ default: plugin }));
const facts = (name: string, width: number): WeightsFacts => ({
  version: 1,
  interpolator: { name, options: { width, levels: 3 } },
  pixelRange: [0, 1],
  mean: [0, 0, 0],
});
const says = (code: UsageErrorCode, ...parts: string[]) => (error: unknown) => {
  for (const part of parts) if (!String(error).includes(part)) throw new Error(`"${error}" does not say "${part}"`);
  if (!(error instanceof UsageError)) return false;
  equal([error.code, error.option], [code, code === "weights-mismatch" ? error.option : "manifest"]);
  return true;
};

Deno.test("createToolkit() creates the parts of the manifest, with validated options and defaults", async () => {
  const kit = await toolkit(plugin);
  received.length = 0;
  const networks = await kit.networks();
  equal([Object.keys(networks), networks.interpolator.flow, networks.flowEstimator], [
    ["warp", "interpolator"],
    "none",
    undefined,
  ]);
  equal(received, [{ width: 1 }]);
  equal((await kit.media()).length, 1);
});

Deno.test("networks() uses the options of the weights file and refuses another architecture", async () => {
  const kit = await toolkit(plugin, { interpolator: { name: "still", options: { levels: 1 } } });
  received.length = 0;
  await kit.networks(facts("still", 0.5));
  equal(received, [{ width: 0.5, levels: 1 }]);
  // A part without parameters needs no weights.
  received.length = 0;
  await kit.networks(facts("other", 1));
  equal(received, [{ width: 1, levels: 1 }]);
  parameters = [{ name: "x", shape: [1], init: { kind: "zeros" } }];
  await rejects(kit.networks(facts("other", 1)), says("weights-mismatch", '"other"', '"still"'));
  parameters = [];
  const wide = await toolkit(plugin, { interpolator: { name: "still", options: { width: 1 } } });
  await rejects(wide.networks(facts("still", 0.5)), says("weights-mismatch", "width", "1", "0.5"));
});

Deno.test("forWeights() selects the part that the weights are for, if a plugin provides it", async () => {
  const other = { ...plugin.provides[0]!, name: "other" };
  const kit = await toolkit({ ...plugin, provides: [...plugin.provides, other] });
  same(kit.forWeights(undefined), kit);
  same(kit.forWeights(facts("other", 0.5)).manifest.use.interpolator.name, "still");
  const selected = kit.forWeights(facts("other", 0.5), []);
  equal([selected.manifest.use.interpolator, kit.manifest.use.interpolator], [{ name: "other" }, { name: "still" }]);
  received.length = 0;
  await selected.networks(facts("other", 0.5));
  equal(received, [{ width: 0.5, levels: 3 }]);
  await rejects(
    async () => (await toolkit(plugin)).forWeights(facts("other", 1), []),
    says("weights-mismatch", 'interpolator "other"', "no plugin", "available: still"),
  );
});

Deno.test("createToolkit() refuses invalid models of plugins", async () => {
  const models = { tiny: { description: "d", strengths: "s", license: "MIT", source: "u", from: { url: "x" } } };
  await rejects(toolkit({ ...plugin, models }), says("invalid-plugin", "test:plugin", "models.tiny.from"));
});

Deno.test("createToolkit() refuses invalid plugins and names them", async () => {
  await rejects(toolkit(undefined), says("invalid-plugin", "test:plugin", "default export"));
  await rejects(toolkit({ name: "x" }), says("invalid-plugin", "test:plugin", "apiVersion"));
  await rejects(
    toolkit({ ...plugin, apiVersion: API_VERSION + 1 }),
    says("plugin-version", "test-plugin", "update slomo"),
  );
  await rejects(toolkit({ ...plugin, apiVersion: 0 }), says("plugin-version", "newer version of the plugin"));
  const provides = (more: object) => ({ ...plugin, provides: plugin.provides.map((part) => ({ ...part, ...more })) });
  await rejects(
    toolkit(provides({ memory: { bytesPerPixel: 0 } })),
    says("invalid-plugin", "provides.0.memory.bytesPerPixel"),
  );
  await rejects(toolkit(provides({ alignment: 1.5 })), says("invalid-plugin", "provides.0.alignment"));
  await rejects(
    createToolkit(manifest(), () => Promise.reject(new Error("no such file"))),
    says("plugin-failed", "test:plugin", "no such file"),
  );
  await rejects(
    createToolkit({ ...manifest(), plugins: ["test:a", "test:b"] }, () => Promise.resolve({ default: plugin })),
    says("duplicate-part", "test:a", "test:b", "still"),
  );
});

Deno.test("createToolkit() refuses unknown parts and invalid options", async () => {
  await rejects(toolkit(plugin, { warp: { name: "backwrd" } }), says("unknown-part", "backwrd", "available: none"));
  await rejects(
    (await toolkit(plugin, { media: { name: "nothing", options: { ffmpeg: 3 } } })).media(),
    says("invalid-manifest", 'media "nothing"', "options.ffmpeg"),
  );
  const needy = {
    ...plugin,
    provides: plugin.provides.map((p) => ({
      ...p,
      create: () => ({ ...interpolator, flow: "both", warp: warp.warp }),
    })),
  };
  await rejects((await toolkit(needy)).networks(), says("invalid-manifest", "still", "use.flowEstimator"));
});

/** Returns the difference of the first two channels as flow, and half of it at a coarser pyramid level. */
const oneWay: FlowEstimator = {
  multiple: 1,
  parameters: [],
  estimate: (_, first, second) => {
    const forward = tf.tidy(() => tf.slice(tf.sub(second, first), [0, 0, 0, 0], [-1, -1, -1, 2]) as tf.Tensor4D);
    return { forward, coarser: [{ forward: tf.div(forward, 2) }] };
  },
};

Deno.test("bidirectional() runs an estimator of one direction twice, and one of both directions once", async () => {
  await tf.setBackend("cpu");
  tf.tidy(() => {
    const first = tf.tensor4d([1, 2, 0], [1, 1, 1, 3]), second = tf.tensor4d([4, 8, 0], [1, 1, 1, 3]);
    const { forward, backward, coarser } = bidirectional(oneWay).estimate({}, first, second);
    equal([...forward.dataSync(), ...backward!.dataSync()], [3, 6, -3, -6]);
    equal([...coarser![0]!.forward.dataSync(), ...coarser![0]!.backward!.dataSync()], [1.5, 3, -1.5, -3]);
    const flow = { forward, backward };
    same(bidirectional({ ...oneWay, estimate: () => flow }).estimate({}, first, second), flow);
  });
});
