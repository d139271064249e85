import type { BackendDefinition } from "@slomo/engine";

/** onnxruntime, which runs recorded networks whole: the fastest on CPUs, and there on every usual machine. */
export const onnxBackend: BackendDefinition = {
  name: "onnx",
  module: import.meta.url,
  rank: { interpolate: 30 },
  singleThreaded: false,
  isEngine: true,
  memory: { fixed: 200 * 2 ** 20, perPixel: 800 },
  async open(options = {}) {
    const { openOnnxBackend } = await import("./open_backend.ts");
    return await openOnnxBackend(options);
  },
};

export default onnxBackend;
