import { conformsAs } from "@slomo/testing";
import plugin from "../mod.ts";

// Several times faster than cpu.
const backend = "wasm";
const small = { width: 1 / 32, firstKernel: 3, secondKernel: 3 };

conformsAs("flowEstimator", plugin, { backend, options: { ...small, flowScale: 4 } });
conformsAs("flowEstimator", plugin, { backend, options: { ...small, flowLevels: [0.5, 1] } });
conformsAs("flowEstimator", plugin, {
  backend,
  options: { ...small, channels: [128, 160], flowLevels: [0.125, 0.5], refinementPasses: 1 },
});
conformsAs("interpolator", plugin, {
  backend,
  part: "super-slomo",
  options: { ...small, interpolationInput: "withFlows", flowScale: 4 },
});
conformsAs("interpolator", plugin, {
  backend,
  part: "super-slomo",
  options: { ...small, channels: [256, 192, 128], interpolationScale: 0.5 },
});
conformsAs("interpolator", plugin, {
  backend,
  part: "super-slomo",
  options: { ...small, channels: [128, 128, 128], interpolationScale: 0.25, flowScale: 0.1 },
});
conformsAs("warp", plugin);
