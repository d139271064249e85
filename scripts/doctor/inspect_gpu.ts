import type { Finding } from "@slomo/core";
import { createDeviceSelector, type DeviceChoice, resultText, type SelectionJob } from "@slomo/engine";
import type { Machine } from "@slomo/slomo/gpu";

/** Sizes of the frames for which devices are measured. */
const SIZES = [{ width: 640, height: 360 }, { width: 1280, height: 720 }, { width: 1920, height: 1080 }] as const;

const MEASURE = "measure it: deno task doctor --measure";

/** Describes a remembered choice. */
function choiceFinding({ key, networks, results, isChosen }: DeviceChoice): Finding {
  const how = key.precision === "float32" ? "" : ` in ${key.precision}`;
  const texts = results.map((result) => `${result.backend} on ${result.device}: ${resultText(result, key)}`);
  const found = `${isChosen ? "used" : "not used"}, ${texts.join("; ")}`;
  return { what: `GPU, ${networks} at ${key.size}${how}`, state: isChosen ? "ok" : "missing", found };
}

/**
 * Finds the GPU and the choices that are remembered for it.
 *
 * @param job Networks to measure first, for several sizes of frames, after all choices are forgotten; `undefined` to measure
 * nothing.
 */
export async function inspectGpu(
  machine: Machine,
  job?: Pick<SelectionJob, "toolkit" | "weights">,
): Promise<Finding[]> {
  const adapter = await machine.findAdapter();
  if (!adapter) return [{ what: "GPU", state: "missing", found: "none found; networks run on the CPU" }];
  if (adapter.software) {
    return [{ what: "GPU", state: "missing", found: `${adapter.name} is a software adapter, used by name only` }];
  }
  if (job) {
    // Those of other models, sizes and settings are measured again when they are needed.
    await machine.choices.clear();
    const select = createDeviceSelector(machine), threads = navigator.hardwareConcurrency || 1;
    for (const frame of SIZES) await select({ ...job, frame, flowScale: 1, precision: "float32", threads });
  }
  const driver = await machine.driverOf(adapter);
  const known = (await machine.choices.list()).filter(({ key }) =>
    key.adapter === adapter.name && key.driver === driver
  );
  const found = { what: "GPU", state: "ok", found: adapter.name } as const;
  if (known.length === 0) return [{ ...found, found: `${adapter.name}, not measured`, fix: MEASURE }];
  return [found, ...known.map(choiceFinding)];
}
