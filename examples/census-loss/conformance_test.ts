import { conformsAs } from "@slomo/testing";
import plugin from "./mod.ts";

conformsAs("loss", plugin, { options: { radius: 1 } });
conformsAs("loss", plugin, { part: "census" });
