import type * as tfjs from "@tensorflow/tfjs-core";
import { UsageError } from "@slomo/core";
import type { TfjsBackend } from "../../backend.ts";
import { useBackend } from "../use_backend.ts";
import { findAdapter } from "./adapter.ts";
import { type WatchedBackend, watchErrors } from "./errors.ts";

/** Checks a convolution with a known result, so that a broken driver is not used. */
async function checkSelf(tf: typeof tfjs): Promise<void> {
  const sum = tf.tidy(() => {
    const ones = tf.ones([1, 4, 4, 3]) as tfjs.Tensor4D, filter = tf.fill([3, 3, 3, 2], 0.5) as tfjs.Tensor4D;
    return tf.conv2d(ones, filter, 1, "valid");
  });
  const values = await sum.data();
  sum.dispose();
  if (values.length !== 8 || values.some((value) => value !== 13.5)) {
    throw new UsageError(`webgpu: the GPU computes ${values[0]} instead of 13.5; update its driver`, {
      code: "no-backend",
      option: "backend",
    });
  }
}

/**
 * The specifier is in a variable because Deno downloads every specifier that it can read before a program starts, and most
 * programs do not need this package. Must equal the version in deno.json.
 */
const PACKAGE = "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";

/** tfjs's WebGPU backend on Deno's own WebGPU. */
export const webgpuBackend: TfjsBackend = {
  kind: "tfjs",
  name: "webgpu",
  module: import.meta.url,
  rank: { interpolate: 20, train: 20 },
  threading: "caller",
  async open() {
    const { name, software } = await findAdapter();
    const tf = await import("@tensorflow/tfjs-core");
    await import(PACKAGE);
    await import("./backward_warp.ts");
    const backend = await useBackend("webgpu", {
      device: software ? `${name}, a software adapter` : name,
      software,
      tolerance: 1e-3,
    });
    const opened = tf.backend() as unknown as WatchedBackend, { device } = opened;
    watchErrors(opened);
    await checkSelf(tf);
    return {
      ...backend,
      async close() {
        await backend.close();
        // tfjs leaves the device to the garbage collector, which may run while the process ends.
        device.destroy();
      },
    };
  },
};

export default webgpuBackend;
