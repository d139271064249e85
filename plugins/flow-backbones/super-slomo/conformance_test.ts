import { conformsAs } from "@slomo/testing";
import plugin from "../mod.ts";

const small = { width: 1 / 32, firstKernel: 3, secondKernel: 3 };

conformsAs("flowEstimator", plugin, { options: { ...small, flowScale: 4 } });
conformsAs("flowEstimator", plugin, { options: { ...small, flowLevels: [0.5, 1] } });
conformsAs("interpolator", plugin, { options: { ...small, interpolationInput: "withFlows", flowScale: 4 } });
conformsAs("warp", plugin);
