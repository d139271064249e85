import { deepStrictEqual as equal } from "node:assert/strict";
import { API_VERSION } from "@slomo/core";
import { backwardWarp } from "@slomo/ops";
import plugin, { backward } from "./mod.ts";

Deno.test("the plugin provides the paper's two networks and the warp, for the current API version", () => {
  equal(plugin.apiVersion, API_VERSION);
  equal(plugin.provides.map(({ slot, name }) => `${slot} ${name}`), [
    "flowEstimator super-slomo",
    "interpolator super-slomo",
    "warp backward",
  ]);
});

Deno.test("backward() is the op of @slomo/ops, without options", async () => {
  equal(backward().warp, backwardWarp);
  const warp = plugin.provides[2]!;
  equal(await warp.options["~standard"].validate({}), { value: {} });
  equal((await warp.options["~standard"].validate({ border: "zeros" })).issues?.length, 1);
});
