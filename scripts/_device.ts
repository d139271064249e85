import { chooseBackend } from "@slomo/engine";
import { BACKENDS } from "@slomo/slomo/backends";
import type { InterpolateValues } from "./interpolate/options.ts";

/**
 * Checks the backend and the device of a task whose jobs open them later.
 *
 * @throws {UsageError} If there is no such backend or device, or it does not work on this machine.
 */
export async function checkDevice(
  { backend = "auto", device }: Partial<Pick<InterpolateValues, "backend" | "device">>,
): Promise<void> {
  if (backend === "auto" && device === undefined) return;
  await (await chooseBackend(backend, "interpolate", { device }, BACKENDS)).backend.close();
}
