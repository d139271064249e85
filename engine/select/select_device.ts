import { UsageError } from "@slomo/core";
import { sha256 } from "@slomo/core/files";
import type { FrameSize } from "../pair/network_runner.ts";
import { agrees } from "./agreement.ts";
import type {
  CandidateResult,
  ChoiceKey,
  DeviceCandidate,
  DeviceChoice,
  DeviceSelection,
  SelectDevice,
  SelectionJob,
  SelectionPorts,
} from "./contracts.ts";

/** Sizes at which devices are timed. */
const SIZES: readonly FrameSize[] = [
  { width: 320, height: 180 },
  { width: 640, height: 360 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
];

const pixelsOf = ({ width, height }: FrameSize) => width * height;

/** Returns the largest size that is not above that of the frames, so that measuring needs no more memory than the job. */
export function sizeClassOf(frame: FrameSize | undefined): FrameSize {
  const fitting = SIZES.filter((size) => frame !== undefined && pixelsOf(size) <= pixelsOf(frame));
  return fitting.at(-1) ?? SIZES[0]!;
}

/** Returns the SHA-256 of the manifest and the weights. */
async function modelHash({ toolkit: { manifest: { plugins, use } }, weights }: SelectionJob): Promise<string> {
  return await sha256(JSON.stringify({ plugins, use }), ...weights ? [weights.bytes] : []);
}

const rounded = (milliseconds: number) => milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0);

/** Describes the result of a candidate, for people. */
export function resultText(
  result: CandidateResult,
  { size, precision }: Pick<ChoiceKey, "size" | "precision">,
): string {
  if ("failure" in result) return result.failure;
  const { difference, milliseconds } = result, percent = (100 * difference.largest).toPrecision(2);
  if (!milliseconds) {
    return `its frames are wrong: they differ from those of the CPU by up to ${percent} % of the range`;
  }
  const how = precision === "float32" ? "" : ` in ${precision}`;
  return `${rounded(milliseconds.device)} ms for a pair of ${size}${how}, ${rounded(milliseconds.cpu)} ms on the CPU`;
}

/** Returns whether a candidate is used: it computes correctly, and faster than the CPU if that has the precision too. */
function isBetter(result: CandidateResult, { precision }: SelectionJob): boolean {
  if ("failure" in result || !result.milliseconds || !agrees(result.difference, precision)) return false;
  return precision !== "float32" || result.milliseconds.device < result.milliseconds.cpu;
}

/** Returns the name of the weights file, or of the interpolator. */
function networksOf({ toolkit, weights }: SelectionJob): string {
  return weights?.location.split(/[\\/]/).at(-1) ?? toolkit.manifest.use.interpolator.name;
}

function selectionOf({ key, results, isChosen }: DeviceChoice): DeviceSelection {
  const { backend, device } = results.at(-1)!;
  const texts = results.map((result) => `${result.backend} on ${result.device}: ${resultText(result, key)}`);
  if (isChosen) return { chosen: { backend, device }, note: `using the GPU ${key.adapter}: ${texts.at(-1)}` };
  return { chosen: undefined, note: `the GPU ${key.adapter} is not used: ${texts.join("; ")}` };
}

/** Options of {@linkcode createDeviceSelector}. */
export interface DeviceSelectorOptions {
  /** Called with the name of the GPU before it is measured, which takes up to a minute. */
  readonly onMeasure?: ((name: string) => void) | undefined;
}

/**
 * Creates a function that chooses a device for a job: it finds the GPU, compares the frames of its candidates with those of
 * the CPU, takes the first that is faster, and remembers the choice. Software adapters are never chosen.
 *
 * @param ports Parts of the machine.
 */
export function createDeviceSelector(
  ports: SelectionPorts,
  { onMeasure }: DeviceSelectorOptions = {},
): SelectDevice {
  async function measure(
    key: ChoiceKey,
    job: SelectionJob,
    size: FrameSize,
    candidates: readonly DeviceCandidate[],
  ): Promise<DeviceChoice> {
    const results: CandidateResult[] = [], networks = networksOf(job);
    for (const candidate of candidates) {
      const result = { ...candidate, ...await ports.measure({ ...job, ...candidate, size }) };
      results.push(result);
      if (isBetter(result, job)) return { key, networks, results, isChosen: true };
    }
    return { key, networks, results, isChosen: false };
  }

  return async (job) => {
    const adapter = await ports.findAdapter();
    if (!adapter || adapter.software) return undefined;
    const candidates = ports.candidatesFor(adapter, job.precision);
    if (candidates.length === 0) return undefined;
    const size = sizeClassOf(job.frame);
    const key: ChoiceKey = {
      adapter: adapter.name,
      vendor: adapter.vendor,
      driver: await ports.driverOf(adapter),
      model: await modelHash(job),
      size: `${size.width}×${size.height}`,
      flowScale: job.flowScale,
      precision: job.precision,
      threads: job.threads,
      candidates: candidates.map(({ backend, device }) => `${backend} ${device}`).join(),
      version: ports.version,
    };
    const known = await ports.choices.read(key);
    if (known) return selectionOf(known);
    onMeasure?.(adapter.name);
    try {
      const choice = await measure(key, job, size, candidates);
      await ports.choices.write(choice);
      return selectionOf(choice);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { chosen: undefined, note: `the GPU ${adapter.name} is not used: ${error.message}` };
    }
  };
}
