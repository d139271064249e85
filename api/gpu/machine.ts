/**
 * Selection of a GPU on this machine, for programs that open engines without `openSlomo()`.
 *
 * @module
 */
import { type ComputePrecision, type DeviceCandidate, hasPrecision, type SelectionPorts } from "@slomo/engine";
import { findAdapter, type GpuAdapter } from "@slomo/engine/backends";
import { mayHaveGpu, onnxBackend, ONNXRUNTIME, withoutNativeMessages } from "@slomo/onnx/definition";
import config from "../../deno.json" with { type: "json" };
import { type StoredChoices, storedChoices } from "./choices.ts";
import { driverIdentity } from "./driver.ts";
import { measureApart } from "./measure_apart.ts";

export type { StoredChoices } from "./choices.ts";

/** PCI number of NVIDIA. */
const NVIDIA = "4318";

/** The execution providers of onnxruntime for a GPU, by operating system, the fastest first. */
const PROVIDERS: Readonly<Partial<Record<typeof Deno.build.os, readonly string[]>>> = {
  windows: ["dml", "webgpu"],
  darwin: ["coreml", "webgpu"],
  linux: ["webgpu"],
};

/** Returns the devices of onnxruntime that may use a GPU and support a precision, the fastest first. */
export function candidatesFor(
  { vendor }: Pick<GpuAdapter, "vendor">,
  precision: ComputePrecision,
  os: typeof Deno.build.os = Deno.build.os,
): DeviceCandidate[] {
  if (!hasPrecision(onnxBackend, precision)) return [];
  // The package has CUDA's files only after its install script was run; without them the measurement fails.
  const cuda = os === "linux" && vendor === NVIDIA ? ["cuda"] : [];
  return [...cuda, ...PROVIDERS[os] ?? []].map((device) => ({ backend: onnxBackend.name, device }));
}

/** Time limit for finding the adapter, in milliseconds. */
const LIMIT = 10_000;

/** Returns the adapter; `undefined` if there is none, or its driver does not answer before the limit. */
export async function findInTime(
  find: () => Promise<GpuAdapter> = findAdapter,
  limit: AbortSignal = AbortSignal.timeout(LIMIT),
): Promise<GpuAdapter | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>(), stop = () => resolve(undefined);
  limit.addEventListener("abort", stop);
  try {
    return await withoutNativeMessages(() => Promise.race([find().catch(() => undefined), late]));
  } finally {
    limit.removeEventListener("abort", stop);
  }
}

/** A machine that remembers choices on disk. */
export interface Machine extends SelectionPorts {
  /** Choices on disk. */
  readonly choices: StoredChoices;
}

/**
 * Returns the parts of this machine that the selection of a GPU uses: it starts Deno to measure devices, and keeps choices in
 * slomo's cache.
 *
 * @example
 * ```ts
 * import { createDeviceSelector } from "@slomo/engine";
 * import { machine } from "@slomo/slomo/gpu";
 *
 * const selectDevice = createDeviceSelector(machine());
 * ```
 */
export function machine(): Machine {
  let adapter: Promise<GpuAdapter | undefined> | undefined;
  return {
    findAdapter: () => adapter ??= mayHaveGpu() ? findInTime() : Promise.resolve(undefined),
    driverOf: () => driverIdentity(),
    candidatesFor,
    measure: (request) => measureApart(request),
    choices: storedChoices(),
    version: `slomo ${config.version}, ${ONNXRUNTIME}, Deno ${Deno.version.deno}`,
  };
}
