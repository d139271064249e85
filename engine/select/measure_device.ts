import type { PairJob } from "@slomo/core";
import type { BackendDefinition, BackendOptions } from "../backend.ts";
import { memoryNeed, workersSideBySide } from "../memory.ts";
import { networkParts } from "../network_parts.ts";
import { openPairInterpolator } from "../pair/pair_interpolator.ts";
import type { FrameSize } from "../pair/network_runner.ts";
import { agrees, differenceOf, samplePair } from "./agreement.ts";
import type { DeviceMeasurement, MeasureRequest } from "./contracts.ts";

/** Size of the pair that is compared: several tiles of a shader, and networks that halve the size five times pad it. */
const SMALL: FrameSize = { width: 112, height: 80 };

function jobOf({ width, height }: FrameSize): PairJob {
  const [first, second] = samplePair(width, height);
  return { first, second, times: [0.5], details: false };
}

/** Interpolates the pairs of `sizes` in order, on one device. */
async function* runOn(
  definition: BackendDefinition,
  options: BackendOptions,
  { toolkit, weights, flowScale, threads }: MeasureRequest,
  sizes: readonly FrameSize[],
) {
  const backend = await definition.open(options);
  try {
    const interpolator = await openPairInterpolator(backend, { toolkit, weights, flowScale, threads });
    try {
      for (const size of sizes) yield await interpolator.run(jobOf(size));
    } finally {
      await interpolator.dispose();
    }
  } finally {
    await backend.close();
  }
}

/** Returns the number of workers that would compute side by side on the CPU, if memory is free. */
async function workersOnCpu(
  { memory, threadsPerWorker }: BackendDefinition,
  { size: { width, height }, threads, flowScale, ...networks }: MeasureRequest,
): Promise<number> {
  if (memory === undefined || threadsPerWorker === undefined) return 1;
  const need = memoryNeed(memory, await networkParts(networks), flowScale), pixels = width * height;
  const sizes = { framePixels: pixels, tilePixels: pixels, threads, threadsPerWorker, free: Infinity };
  return workersSideBySide(need, sizes);
}

const total = (timing: Readonly<Record<string, number>>) => Object.values(timing).reduce((sum, one) => sum + one, 0);

/**
 * Measures a device in this thread: compares the frame of a small pair with that of the backend's device `cpu` in float32,
 * and times one pair of the requested size on both. The first pair on the device is not timed, since it compiles shaders.
 * Where workers compute side by side on the CPU, one is timed with its share of the threads, and its time is divided by
 * their number.
 *
 * @param definition The backend; it must have a device `cpu`.
 * @throws {UsageError} If the device does not work.
 */
export async function measureDevice(
  definition: BackendDefinition,
  request: MeasureRequest,
): Promise<DeviceMeasurement> {
  const { device, precision, size } = request;
  const onDevice = runOn(definition, { device, precision }, request, [SMALL, size, size]);
  const workers = await workersOnCpu(definition, request), threads = Math.floor(request.threads / workers);
  const onCpu = runOn(definition, { device: "cpu" }, { ...request, threads }, [SMALL, size]);
  try {
    const found = (await onDevice.next()).value!, expected = (await onCpu.next()).value!;
    const difference = differenceOf(found.images[0]!, expected.images[0]!);
    if (!agrees(difference, precision)) return { difference };
    await onDevice.next();
    const timed = (await onDevice.next()).value!, cpu = (await onCpu.next()).value!;
    return { difference, milliseconds: { device: total(timed.timing), cpu: total(cpu.timing) / workers } };
  } finally {
    await onDevice.return(undefined);
    await onCpu.return(undefined);
  }
}
