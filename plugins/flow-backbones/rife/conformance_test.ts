import { conformsAs } from "@slomo/testing";
import plugin from "../mod.ts";

conformsAs("interpolator", plugin, { part: "rife", options: { channels: [4, 4, 4, 4, 4] }, backend: "wasm" });
