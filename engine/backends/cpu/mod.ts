import type { BackendDefinition } from "../../backend.ts";
import { useBackend } from "../use_backend.ts";

/** tfjs's plain JavaScript backend: slow, a reference for small tests. */
export const cpuBackend: BackendDefinition = {
  name: "cpu",
  module: import.meta.url,
  rank: {},
  singleThreaded: true,
  async open() {
    await import("@tensorflow/tfjs-backend-cpu");
    await import("./kernels.ts");
    return await useBackend("cpu", { device: "CPU, plain JavaScript", software: false, tolerance: 1e-5 });
  },
};

export default cpuBackend;
