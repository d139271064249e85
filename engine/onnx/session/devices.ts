import { UsageError } from "@slomo/core";

/** Descriptions of the devices, by onnxruntime's names of the execution providers. */
const DEVICES = {
  cpu: "CPU",
  dml: "GPU with DirectML",
  cuda: "GPU with CUDA",
  webgpu: "GPU with WebGPU",
  coreml: "Apple accelerators with CoreML",
} as const;

/** A device, by the name of its execution provider. */
export type OnnxDevice = keyof typeof DEVICES;

/** Names of all devices. */
export const DEVICE_NAMES: readonly OnnxDevice[] = Object.keys(DEVICES) as OnnxDevice[];

/** Returns the description of a device, for people. */
export function describeDevice(device: OnnxDevice): string {
  return DEVICES[device];
}

/**
 * Checks the name of a device.
 *
 * @throws {UsageError} If there is no such device.
 */
export function parseDevice(name = "cpu"): OnnxDevice {
  if (name in DEVICES) return name as OnnxDevice;
  throw new UsageError(`onnx: there is no device "${name}"; \`device\` can be ${DEVICE_NAMES.join(", ")}`, {
    code: "no-device",
    option: "device",
  });
}
