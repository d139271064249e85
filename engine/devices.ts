import { UsageError } from "@slomo/core";
import type { BackendDefinition } from "./backend.ts";

/** The part of a definition that names its devices. */
export type NamedDevices = Pick<BackendDefinition, "name" | "devices">;

/** Returns whether a backend has a device of this name. `N` in the names of its definition is a number. */
export function hasDevice({ devices = [] }: NamedDevices, device: string): boolean {
  return devices.some((name) => new RegExp(`^${name.replace(/\bN$/, "\\d+")}$`).test(device));
}

/**
 * Returns the backends that have a device of this name.
 *
 * @param device Name of a device; `undefined` for the default one, which every backend has.
 * @param wanted Name of the backend that was asked for, or `auto`.
 * @param backends The candidates.
 * @param all Backends to name in the error.
 * @throws {UsageError} If no candidate has the device.
 */
export function withDevice<B extends NamedDevices>(
  device: string | undefined,
  wanted: string,
  backends: readonly B[],
  all: readonly NamedDevices[] = backends,
): readonly B[] {
  if (device === undefined) return backends;
  const found = backends.filter((backend) => hasDevice(backend, device));
  if (found.length > 0) return found;
  const owners = all.filter((backend) => hasDevice(backend, device)).map(({ name }) => name);
  const named = all.filter(({ devices = [] }) => devices.length > 0)
    .map(({ name, devices = [] }) => `${devices.join(", ")} (${name})`);
  const others = named.length > 0 ? `\`device\` can be ${named.join(" or ")}` : "leave out `device`";
  const advice = owners.length > 0 ? `set \`backend\` to ${owners.join(" or ")}` : others;
  throw new UsageError(`${wanted}: cannot compute on device "${device}": there is no such device; ${advice}`, {
    code: "no-device",
    option: "device",
  });
}
