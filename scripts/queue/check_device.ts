import { UsageError } from "@slomo/core";
import { chooseBackend } from "@slomo/engine";
import { BACKENDS } from "@slomo/slomo/backends";
import type { InterpolateValues } from "../interpolate/options.ts";

/**
 * Checks the backend and the device that a worker is started with, because jobs open them later.
 *
 * @throws {UsageError} If there is no such backend or device, or it does not work on this machine.
 */
export async function checkDevice({ backend, device }: Partial<InterpolateValues>): Promise<void> {
  if (device?.includes(",")) {
    throw new UsageError("`device` of a worker is one device; start a worker per device", { option: "device" });
  }
  if (backend === undefined && device === undefined) return;
  const chosen = await chooseBackend(backend ?? "auto", "interpolate", { device }, BACKENDS);
  await chosen.backend.close();
}
