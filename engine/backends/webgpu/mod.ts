import * as tf from "@tensorflow/tfjs-core";
import { UsageError } from "@slomo/core";
import type { TfjsBackend } from "../../backend.ts";
import { useBackend } from "../use_backend.ts";
import { type WatchedBackend, watchErrors } from "./errors.ts";

/** Names of software adapters. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|software|microsoft basic render/i;

const NO_BACKEND = { code: "no-backend", option: "backend" } as const;

interface Adapter {
  readonly device: string;
  readonly software: boolean;
}

async function findAdapter(): Promise<Adapter> {
  if (!("gpu" in navigator) || navigator.gpu === undefined) {
    throw new UsageError("webgpu: this Deno has no WebGPU; update Deno, or choose another `backend`", NO_BACKEND);
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw new UsageError(
      "webgpu: no GPU found; install its Vulkan, Metal or DirectX driver, or choose another `backend`",
      NO_BACKEND,
    );
  }
  const { description, device, vendor, isFallbackAdapter } = adapter.info;
  const name = [description, device, vendor].find((text) => text) ?? "an unnamed GPU";
  const software = isFallbackAdapter || SOFTWARE.test(name);
  return { device: software ? `${name}, a software adapter` : name, software };
}

/** Checks a convolution with a known result, so that a broken driver is not used. */
async function checkSelf(): Promise<void> {
  const sum = tf.tidy(() => {
    const ones = tf.ones([1, 4, 4, 3]) as tf.Tensor4D, filter = tf.fill([3, 3, 3, 2], 0.5) as tf.Tensor4D;
    return tf.conv2d(ones, filter, 1, "valid");
  });
  const values = await sum.data();
  sum.dispose();
  if (values.length !== 8 || values.some((value) => value !== 13.5)) {
    throw new UsageError(`webgpu: the GPU computes ${values[0]} instead of 13.5; update its driver`);
  }
}

/** tfjs's WebGPU backend on Deno's own WebGPU. */
export const webgpuBackend: TfjsBackend = {
  kind: "tfjs",
  name: "webgpu",
  module: import.meta.url,
  rank: { interpolate: 20, train: 20 },
  threading: "caller",
  async open() {
    const adapter = await findAdapter();
    await import("@tensorflow/tfjs-backend-webgpu");
    await import("./backward_warp.ts");
    const backend = await useBackend("webgpu", { ...adapter, tolerance: 1e-3 });
    watchErrors(tf.backend() as unknown as WatchedBackend);
    await checkSelf();
    return backend;
  },
};

export default webgpuBackend;
