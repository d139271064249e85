/** RIFE with reduced warps; those of fewer blocks are tested beside it. */
import { conformsAs } from "@slomo/testing";
import plugin from "../../plugins/flow-backbones/mod.ts";

conformsAs("interpolator", plugin, {
  part: "rife",
  options: { channels: [8, 6, 4, 4, 2], reducedWarps: true },
  backend: "wasm",
});
