import { conformsAs } from "@slomo/testing";
import plugin from "../mod.ts";

const channels = [4, 4, 4, 4, 4];
conformsAs("interpolator", plugin, { part: "rife", options: { channels }, backend: "wasm" });
conformsAs("interpolator", plugin, {
  part: "rife",
  options: { channels: [8, 6, 4], reductions: [8, 4, 2], reducedWarps: true },
  backend: "wasm",
});
conformsAs("interpolator", plugin, {
  part: "rife",
  options: { channels: [6, 4], reductions: [4, 2], refinement: { channels: [4, 4] } },
  backend: "wasm",
});
