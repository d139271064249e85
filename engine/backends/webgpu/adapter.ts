import { UsageError } from "@slomo/core";

/** Names of software adapters. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|software|microsoft basic render/i;

const NO_BACKEND = { code: "no-backend", option: "backend" } as const;

/** A GPU, or a software adapter: a GPU that the CPU emulates. */
export interface GpuAdapter {
  /** Its name, such as `NVIDIA GeForce RTX 3060`. */
  readonly name: string;
  /** PCI number of the vendor in decimal, or the vendor's name; empty if it is not known. */
  readonly vendor: string;
  /** Whether it is a software adapter. */
  readonly software: boolean;
}

/**
 * Returns the fastest adapter of this machine, through WebGPU. This loads the graphics drivers into the process.
 *
 * @throws {UsageError} If there is none.
 */
export async function findAdapter(): Promise<GpuAdapter> {
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
  return { name, vendor, software: isFallbackAdapter || SOFTWARE.test(name) };
}
