import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { z } from "zod";
import { API_VERSION, definePart, definePlugin, type TrainingHints } from "../../core/contracts/parts.ts";
import type { WeightsFacts } from "../../core/contracts/weights.ts";
import type { ResolvedManifest } from "../../core/manifest/manifest.ts";
import losses from "../../plugins/losses/mod.ts";
import { chooseLosses } from "./losses.ts";
import { createTrainNetworks } from "./networks.ts";
import { TINY, tinyConfig } from "./_testing.ts";

/** Networks of nothing whose options are seen, with the hints and the multiple that are given. */
function untrusted(
  training: TrainingHints | undefined,
  multiple = 1,
  untrained: { readonly flowEstimator?: string; readonly interpolator?: string } = {},
  flow: "both" | "none" = "both",
) {
  const seen: unknown[] = [];
  const options = z.strictObject({ width: z.number().default(1), sizes: z.array(z.number()).default([1]) });
  const plugin = definePlugin({
    name: "untrusted",
    apiVersion: API_VERSION,
    provides: [
      definePart({
        slot: "flowEstimator",
        name: "s",
        description: "Finds nothing.",
        options,
        architecture: ["width"],
        training,
        untrained: untrained.flowEstimator,
        create: (given) => {
          seen.push(given);
          const weight = { name: "weight", shape: [1], init: { kind: "zeros" } } as const;
          return { multiple, parameters: [weight], estimate: (_, first) => ({ forward: first }) };
        },
      }),
      definePart({
        slot: "interpolator",
        name: "s",
        description: "Shows the first frame.",
        options: z.strictObject({}),
        untrained: untrained.interpolator,
        create: () => ({
          flow,
          multiple: 1,
          parameters: flow === "none" ? [{ name: "weight", shape: [1], init: { kind: "zeros" } }] : [],
          interpolate: (_, { first }) => ({ frames: first }),
        }),
      }),
      definePart({
        slot: "warp",
        name: "s",
        description: "Moves nothing.",
        options: z.strictObject({}),
        create: () => ({ warp: (image) => image }),
      }),
    ],
  });
  return { seen, importModule: () => Promise.resolve({ default: plugin }) };
}

const manifest = (options?: Record<string, unknown>): ResolvedManifest => ({
  plugins: ["test:untrusted"],
  use: {
    flowEstimator: { name: "s", options },
    interpolator: { name: "s" },
    warp: { name: "s" },
    media: { name: "s" },
  },
});

const scales = [{ scales: [0.5, 1], weight: 2 }];

/** Options that the flow estimator is made with, shipped and by levels. */
async function optionsOf(
  training: TrainingHints | undefined,
  options?: Record<string, unknown>,
  model: Record<string, unknown> = {},
): Promise<unknown[]> {
  const { seen, importModule } = untrusted(training);
  const use = manifest(options),
    config = tinyConfig({ flowLevels: scales, crops: [{ size: 64, batch: 1, weight: 1 }] });
  const codec = { ...use, use: { ...use.use, media: [] } };
  await createTrainNetworks(
    codec,
    { ...config, model: { flowEstimator: model, interpolator: {} } },
    undefined,
    importModule,
  );
  return seen;
}

Deno.test("createTrainNetworks() takes a part's own options for the preset, the manifest's over them, the configuration's over both", async () => {
  const training = { presets: { quick: { options: { width: 0.25 } }, paper: { options: { width: 3 } } } };
  equal(await optionsOf(training), [{ width: 0.25, sizes: [1] }]);
  equal(await optionsOf(training, { width: 0.5 }), [{ width: 0.5, sizes: [1] }]);
  equal(await optionsOf(training, { width: 0.5 }, { width: 2 }), [{ width: 2, sizes: [1] }]);
});

Deno.test("createTrainNetworks() draws from levels by the option that the estimator names, and trains others as they are", async () => {
  equal(await optionsOf({ pyramidOption: "sizes" }), [{ width: 1, sizes: [1] }, { width: 1, sizes: [0.5, 1] }]);
  equal(await optionsOf(undefined), [{ width: 1, sizes: [1] }]);
});

Deno.test("createTrainNetworks() changes options of the weights it begins from only to adapt them, for the same part", async () => {
  const { seen, importModule } = untrusted({ presets: { quick: { options: { width: 3 } } } });
  const { use, ...rest } = manifest(), media = { ...rest, use: { ...use, media: [] } };
  const part = (name: string, options = {}) => ({ name, options });
  const facts = (name: string): WeightsFacts => ({
    version: 1,
    flowEstimator: part(name, { width: 0.5, sizes: [2] }),
    interpolator: part("s"),
    pixelRange: [0, 1],
    mean: [0, 0, 0],
  });
  const make = (adapt: boolean, name = "s") => {
    const config = tinyConfig({ adapt, from: "w", model: { flowEstimator: { width: 2 }, interpolator: {} } });
    return createTrainNetworks(media, config, facts(name), importModule);
  };
  const networks = await make(true);
  equal(seen, [{ width: 2, sizes: [2] }]);
  equal(networks.facts.flowEstimator?.options, { width: 2, sizes: [2] });
  await rejects(() => make(false), /the manifest sets width to 2, and the weights have 0.5/);
  await rejects(() => make(true, "other"), {
    name: "UsageError",
    message: /the weights are for "other", and the manifest uses "s"/,
  });
});

Deno.test("createTrainNetworks() trains Super SloMo in place of RIFE, unless it starts from weights for it", async () => {
  const rife = { name: "rife", options: { channels: [4, 4], reductions: [4, 2] } };
  const shipped: ResolvedManifest = {
    plugins: [new URL("../../plugins/flow-backbones/mod.ts", import.meta.url).href],
    use: {
      flowEstimator: { name: "super-slomo" },
      interpolator: rife,
      warp: { name: "backward" },
      media: [],
    },
  };
  const config = tinyConfig({ preset: "quick", flowLevels: [], crops: [{ size: 64, batch: 1, weight: 1 }] });
  const { facts, replaced } = await createTrainNetworks(shipped, config, undefined);
  equal(replaced, [{ asked: "rife", trained: "super-slomo" }]);
  const options = { width: 0.25, flowScale: 20 };
  equal([facts.flowEstimator, facts.interpolator], Array(2).fill({ name: "super-slomo", options }));
  const from: WeightsFacts = { version: 1, interpolator: rife, pixelRange: [0, 1], mean: [0, 0, 0] };
  const { facts: found, replaced: none } = await createTrainNetworks(shipped, config, from);
  equal([found.flowEstimator, found.interpolator, none], [undefined, rife, []]);
});

Deno.test("createTrainNetworks() does not record a flow estimator that the interpolator does not use", async () => {
  const { use, ...rest } = manifest(), media = { ...rest, use: { ...use, media: [] } };
  for (const [flow, recorded] of [["both", "s"], ["none", undefined]] as const) {
    const { importModule } = untrusted(undefined, 1, {}, flow);
    const { facts } = await createTrainNetworks(media, tinyConfig(), undefined, importModule);
    equal(facts.flowEstimator?.name, recorded);
  }
});

Deno.test("createTrainNetworks() refuses sizes that a network cannot process, naming the multiple", async () => {
  const { importModule } = untrusted(undefined, 48), { use, ...rest } = manifest();
  await rejects(
    () => createTrainNetworks({ ...rest, use: { ...use, media: [] } }, tinyConfig(), undefined, importModule),
    { name: "UsageError", message: /the flow estimator needs frame sizes that are multiples of 48, a sample.* is 32/ },
  );
});

Deno.test("chooseLosses() takes the configuration's, else the manifest's, else those of the preset", () => {
  const own = [{ name: "own", weight: 1 }], { use } = TINY, plugins = [{ specifier: "losses", plugin: losses }];
  equal(chooseLosses({ losses: own, preset: "quick" }, { manifest: TINY, plugins }), own);
  equal(chooseLosses({ losses: null, preset: "quick" }, { manifest: TINY, plugins }), use.losses);
  const bare = { ...TINY, use: { ...use, losses: undefined } };
  const ofPreset = (preset: string) => chooseLosses({ losses: null, preset }, { manifest: bare, plugins });
  equal(ofPreset("paper"), [
    { name: "reconstruction", weight: 204 },
    { name: "perceptual", weight: 0.005 },
    { name: "warping", weight: 102 },
    { name: "smoothness", weight: 1 },
  ]);
  const recipe = [
    { name: "reconstruction", weight: 1 },
    { name: "laplacian", weight: 0.5 },
    { name: "warping", weight: 0.25 },
    { name: "smoothness", weight: 0.002 },
    { name: "flow", weight: 0.03 },
  ];
  equal(ofPreset("recipe"), recipe);
  equal(ofPreset("quick"), recipe);
  equal(ofPreset("other"), []);
});

Deno.test("chooseLosses() takes the options that a loss has under the preset", () => {
  const [part] = losses.provides, options = { margin: 2 };
  const plugin = { ...losses, provides: [{ ...part!, training: { presets: { quick: { weight: 3, options } } } }] };
  const manifest = { ...TINY, use: { ...TINY.use, losses: undefined } };
  equal(chooseLosses({ losses: null, preset: "quick" }, { manifest, plugins: [{ specifier: "l", plugin }] }), [
    { name: "reconstruction", weight: 3, options },
  ]);
});

Deno.test("createTrainNetworks() refuses networks that cannot be trained, with their reason", async () => {
  const { use, ...rest } = manifest();
  for (const slot of ["flowEstimator", "interpolator"] as const) {
    const { importModule } = untrusted(undefined, 1, { [slot]: "an op has no gradient" });
    await rejects(
      () => createTrainNetworks({ ...rest, use: { ...use, media: [] } }, tinyConfig(), undefined, importModule),
      {
        name: "UsageError",
        message: `${slot} "s" cannot be trained: an op has no gradient; name another in the manifest`,
      },
    );
  }
});
