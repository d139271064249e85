import type { GraphRuntime } from "@slomo/engine";
import { DEVICE_NAMES } from "./session/devices.ts";

/** onnxruntime, which runs traced networks: the fastest backend on CPUs, available on all common machines. */
export const onnxBackend: GraphRuntime = {
  kind: "graph-runtime",
  name: "onnx",
  module: import.meta.url,
  rank: { interpolate: 30 },
  threading: "own",
  // In two threads a third of the time is spent in one: coarse levels are too small to be divided, and `GridSample` uses a
  // thread per channel. More threads would wait; workers side by side do not.
  threadsPerWorker: 2,
  devices: DEVICE_NAMES,
  precisions: ["float32", "float16"],
  memory: { fixed: 200 * 2 ** 20, factor: 1 },
  async open(options = {}) {
    const { openOnnxBackend } = await import("./open_backend.ts");
    return await openOnnxBackend(options);
  },
};

export default onnxBackend;
