/**
 * The definition of the backend `tensorflow`.
 *
 * @module
 */
import { readEnvironment } from "@slomo/downloads";
import type { TfjsBackend } from "@slomo/engine";
import { useBackend } from "@slomo/engine/backends";
import { BACKEND } from "./name.ts";
import { locateLibrary } from "./locate.ts";

/** TensorFlow's native library as a tfjs backend: the fastest backend for training. `deno task setup` installs the library. */
export const tensorflowBackend: TfjsBackend = {
  kind: "tfjs",
  name: BACKEND,
  module: import.meta.url,
  // Above webgpu, so that `auto` never opens both: the LLVM of a graphics driver, such as Mesa's, and that of TensorFlow
  // crash each other in one process.
  rank: { interpolate: 25, train: 30 },
  threading: "own",
  devices: ["cpu", "gpu:N"],
  memory: { fixed: 400 * 2 ** 20, factor: 1.125 },
  precisions: ["float32", "bfloat16"],
  async open({ device, precision } = {}) {
    const { library } = locateLibrary(readEnvironment);
    const [{ openTensorflow }, { createTensorflowAdam }] = await Promise.all([
      import("./open.ts"),
      import("./adam.ts"),
    ]);
    const tensorflow = await openTensorflow({ library, device, precision });
    const facts = {
      device: tensorflow.device,
      software: false,
      tolerance: 1e-4,
      createOptimizer: createTensorflowAdam,
    };
    return { ...await useBackend(BACKEND, facts), close: () => Promise.resolve(tensorflow.close()) };
  },
};

export default tensorflowBackend;
