import { conformsAs } from "@slomo/testing";
import plugin from "./mod.ts";

for (const part of ["reconstruction", "warping", "smoothness", "flow", "laplacian"]) {
  conformsAs("loss", plugin, { part });
}
conformsAs("loss", plugin, { part: "perceptual", options: { layer: "conv1_2" }, backend: "wasm" });
