import { conformsAs } from "@slomo/testing";
import plugin from "./mod.ts";

conformsAs("flowEstimator", plugin, { options: { coarsest: 4, warps: 2, iterations: 4 } });
conformsAs("interpolator", plugin);
