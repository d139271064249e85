import type { BackendDefinition } from "../backend.ts";
import { useBackend } from "./use_backend.ts";

/** tfjs's plain JavaScript backend: slow, a reference for small tests. */
export const cpuBackend: BackendDefinition = {
  name: "cpu",
  rank: {},
  singleThreaded: true,
  async open() {
    await import("@tensorflow/tfjs-backend-cpu");
    await import("../kernels/cpu/mod.ts");
    return await useBackend("cpu", { device: "CPU, plain JavaScript", software: false, tolerance: 1e-5 });
  },
};
