import { deepStrictEqual as equal, notDeepStrictEqual as unequal } from "node:assert/strict";
import type { WeightsFacts } from "@slomo/core";
import type { ResolvedManifest, Toolkit } from "@slomo/core/manifest";
import type { NetworksSetup } from "@slomo/engine/pair";
import { openWeights, type WeightsFile, writeWeights } from "@slomo/weights";
import { graphKeyOf, type RuntimeFacts } from "./graph_key.ts";

const manifest: ResolvedManifest = {
  plugins: ["jsr:@slomo/flow-backbones@^0.1.0", "file:///a.ts"],
  use: { interpolator: { name: "a" }, warp: { name: "b" }, media: { name: "c" } },
};
const load = () => Promise.reject(new Error("a key loads no plugins"));
const FACTS: WeightsFacts = { version: 1, pixelRange: [0, 1], mean: [0, 0, 0] };
const weightsOf = (value: number, facts = FACTS): WeightsFile =>
  openWeights(writeWeights(facts, new Map([["flow.a", { shape: [1], values: Float32Array.of(value) }]]), "F32"));

const setup: NetworksSetup = { toolkit: { manifest, load }, weights: weightsOf(1), flowScale: 1 };
const runtime: RuntimeFacts = { version: "1.30.0", device: "cpu", precision: "float32" };
const shape = { width: 64, height: 48, details: false };

const keyOf = async (changes: Partial<NetworksSetup> = {}, facts: Partial<RuntimeFacts> = {}, other = {}) =>
  await (await graphKeyOf({ ...setup, ...changes }, { ...runtime, ...facts }))?.({ ...shape, ...other });

const withManifest = (changes: Partial<ResolvedManifest>) => ({
  toolkit: { manifest: { ...manifest, ...changes }, load },
});

Deno.test("graphKeyOf() depends on everything that decides a graph, and on nothing else", async () => {
  const key = await keyOf();
  equal(key, await keyOf({ weights: weightsOf(1) }));
  equal(key, await keyOf(withManifest({ use: { ...manifest.use, media: { name: "other" } }, weights: "file:///w" })));
  const others = [
    await keyOf({ weights: weightsOf(2) }),
    await keyOf({ weights: weightsOf(1, { ...FACTS, pixelRange: [-1, 1] }) }),
    await keyOf({ weights: undefined }),
    await keyOf({ flowScale: 0.5 }),
    await keyOf(withManifest({ plugins: ["file:///b.ts"] })),
    await keyOf(withManifest({ use: { ...manifest.use, interpolator: { name: "a", options: { levels: 2 } } } })),
    await keyOf(withManifest({ use: { ...manifest.use, flowEstimator: { name: "d" } } })),
    await keyOf({}, { version: "1.31.0" }),
    await keyOf({}, { device: "webgpu" }),
    await keyOf({}, { precision: "float16" }),
    await keyOf({}, {}, { width: 65 }),
    await keyOf({}, {}, { height: 49 }),
    await keyOf({}, {}, { details: true }),
  ];
  equal(new Set([key, ...others]).size, others.length + 1);
});

Deno.test("graphKeyOf() gives no key for code that may change, and none for a toolkit of the caller's", async () => {
  const fixed = [
    "file:///a.ts",
    "jsr:@slomo/losses@^0.1.0",
    "jsr:@me/net@1.2.3",
    "npm:net@1.2.3-beta.1",
    "npm:/@me/net@1.2.3/x.js",
  ];
  for (const plugin of fixed) unequal(await keyOf(withManifest({ plugins: [plugin] })), undefined, plugin);
  for (const plugin of ["jsr:@me/net@^1.2.3", "npm:net@1", "npm:net", "https://example.com/net@1.2.3/mod.ts"]) {
    equal(await keyOf(withManifest({ plugins: [plugin] })), undefined, plugin);
  }
  equal(await keyOf({ toolkit: { manifest, plugins: [] } as unknown as Toolkit }), undefined);
});
