import type { TfjsBackend } from "../../backend.ts";
import { useBackend } from "../use_backend.ts";

/** tfjs's plain JavaScript backend: slow; the reference in tests. */
export const cpuBackend: TfjsBackend = {
  kind: "tfjs",
  name: "cpu",
  module: import.meta.url,
  rank: {},
  threading: "per-core",
  async open() {
    await import("@tensorflow/tfjs-backend-cpu");
    await import("./backward_warp.ts");
    return await useBackend("cpu", { device: "CPU, plain JavaScript", software: false, tolerance: 1e-5 });
  },
};

export default cpuBackend;
