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

const keyOf = (changes: Partial<NetworksSetup> = {}, facts: Partial<RuntimeFacts> = {}, other = {}) =>
  graphKeyOf({ ...setup, ...changes }, { ...runtime, ...facts })?.({ ...shape, ...other });

const withManifest = (changes: Partial<ResolvedManifest>) => ({
  toolkit: { manifest: { ...manifest, ...changes }, load },
});

Deno.test("graphKeyOf() depends on everything that decides a graph, and on nothing else", () => {
  const key = keyOf();
  equal(key, keyOf({ weights: weightsOf(1) }));
  equal(key, keyOf(withManifest({ use: { ...manifest.use, media: { name: "other" } }, weights: "file:///w" })));
  const others = [
    keyOf({ weights: weightsOf(2) }),
    keyOf({ weights: weightsOf(1, { ...FACTS, pixelRange: [-1, 1] }) }),
    keyOf({ weights: undefined }),
    keyOf({ flowScale: 0.5 }),
    keyOf(withManifest({ plugins: ["file:///b.ts"] })),
    keyOf(withManifest({ use: { ...manifest.use, interpolator: { name: "a", options: { levels: 2 } } } })),
    keyOf(withManifest({ use: { ...manifest.use, flowEstimator: { name: "d" } } })),
    keyOf({}, { version: "1.31.0" }),
    keyOf({}, { device: "webgpu" }),
    keyOf({}, { precision: "float16" }),
    keyOf({}, {}, { width: 65 }),
    keyOf({}, {}, { height: 49 }),
    keyOf({}, {}, { details: true }),
  ];
  equal(new Set([key, ...others]).size, others.length + 1);
});

Deno.test("graphKeyOf() returns no key for code that may change, nor for a toolkit of the caller", () => {
  const fixed = [
    "file:///a.ts",
    "jsr:@slomo/losses@^0.1.0",
    "jsr:@me/net@1.2.3",
    "npm:net@1.2.3-beta.1",
    "npm:/@me/net@1.2.3/x.js",
  ];
  for (const plugin of fixed) unequal(keyOf(withManifest({ plugins: [plugin] })), undefined, plugin);
  for (const plugin of ["jsr:@me/net@^1.2.3", "npm:net@1", "npm:net", "https://example.com/net@1.2.3/mod.ts"]) {
    equal(keyOf(withManifest({ plugins: [plugin] })), undefined, plugin);
  }
  equal(keyOf({ toolkit: { manifest, plugins: [] } as unknown as Toolkit }), undefined);
});
