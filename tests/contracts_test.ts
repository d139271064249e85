/** Training, interpolation and export with each variant of parts that the contracts allow. */
import { BACKENDS } from "@slomo/slomo/backends";
import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { API_VERSION } from "@slomo/core";
import { createToolkit, type LossChoice, type ResolvedManifest } from "@slomo/core/manifest";
import { interpolate, prepareJob } from "@slomo/core/video";
import { openEngine } from "@slomo/engine";
import { rational } from "@slomo/core/time";
import { exportModel } from "@slomo/onnx";
import { chooseBackend, registerGradients } from "@slomo/engine";
import { createLosses, createTrainNetworks, train } from "@slomo/training";
import { openWeights, type WeightsFile } from "@slomo/weights";
import { tinyConfig, tinyLoader, tinyValidation } from "../training/loop/_testing.ts";
import plugin from "./fixtures/contracts_plugin.ts";

const at = (path: string) => new URL(path, import.meta.url).href;

function manifestOf(use: Partial<ResolvedManifest["use"]>): ResolvedManifest {
  return {
    plugins: [
      at("fixtures/contracts_plugin.ts"),
      at("../plugins/flow-backbones/mod.ts"),
      at("../plugins/losses/mod.ts"),
    ],
    use: {
      interpolator: { name: "direct" },
      warp: { name: "backward" },
      media: { name: "levels" },
      losses: [{ name: "reconstruction", weight: 1 }],
      ...use,
    },
  };
}

const oneWay = { name: "one-way" };
const both = { name: "super-slomo", options: { width: 1 / 32, channels: [32, 64], firstKernel: 3, secondKernel: 3 } };
const flowLosses: LossChoice[] = [
  ...["reconstruction", "warping", "smoothness", "flow"].map((name) => ({ name, weight: 1 })),
];

const KINDS: Readonly<Record<string, Partial<ResolvedManifest["use"]>>> = {
  "an interpolator that needs no flow": {},
  "an interpolator that estimates the flow at time t itself": { interpolator: { name: "at-t" } },
  "forward flow for an interpolator that needs only forward flow": {
    flowEstimator: oneWay,
    interpolator: { name: "forward-only" },
    losses: flowLosses,
  },
  "forward flow for an interpolator that needs both directions": {
    flowEstimator: oneWay,
    interpolator: both,
    losses: flowLosses,
  },
};

/** Trains for one step, and returns the weights. */
async function trained(manifest: ResolvedManifest): Promise<WeightsFile> {
  const config = tinyConfig({ steps: 1 }), { backend } = await chooseBackend("cpu", "train");
  await registerGradients();
  const networks = await createTrainNetworks(manifest, config, undefined);
  const { losses } = await createLosses(networks, config.losses, () => Promise.reject(new TypeError()));
  const job = { config, networks, losses, loader: tinyLoader(config), validation: tinyValidation(config) };
  const events = await Array.fromAsync(train({ ...job, backend: "cpu" }));
  await backend.close();
  const found = events.find((event) => event.type === "weights");
  ok(found?.type === "weights");
  return openWeights(found.weights);
}

/** Runs `test` with a video of four frames. */
async function withVideo(test: (location: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/video.levels`, "10 20 30 40");
    await test(`${folder}/video.levels`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the plugin has the current API version", () => {
  equal(plugin.apiVersion, API_VERSION);
});

for (const [kind, use] of Object.entries(KINDS)) {
  Deno.test({
    name: `${kind} can be trained, interpolate and be exported`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      withVideo(async (location) => {
        const manifest = manifestOf(use), weights = await trained(manifest);
        const toolkit = await createToolkit(manifest), [handler] = await toolkit.media(), source = handler!.source!;
        for (const backend of ["wasm", "onnx"]) {
          const { engine } = await openEngine({ toolkit, weights, backend, workers: 1, backends: BACKENDS });
          const frames = (await source.open(location)).frames(), factor = rational(2);
          const output = await Array.fromAsync(interpolate(frames, { engine, sampling: { kind: "factor", factor } }));
          await engine.close();
          equal(output.filter(({ facts }) => facts.interpolated).map(({ facts }) => facts.interpolated!.t), [
            0.5,
            0.5,
            0.5,
          ], backend);
        }
        const model = await exportModel({
          toolkit,
          weights,
          flowScale: 1,
          size: { width: 18, height: 11 },
          version: "1",
        });
        ok(model.length > 100);
      }),
  });
}

Deno.test("prepareJob() rejects an output if the handler only reads", () =>
  withVideo(async (location) => {
    const handlers = await (await createToolkit(manifestOf({}))).media();
    equal(handlers.map(({ sink }) => sink), [undefined]);
    const sampling = { kind: "factor", factor: rational(2) } as const;
    await rejects(
      () => prepareJob({ input: location, output: location.replace("video", "slow"), frames: { sampling } }, handlers),
      { name: "UsageError", message: /slow\.levels/ },
    );
  }));
