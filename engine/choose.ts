import { reasonOf, UsageError } from "@slomo/core";
import type {
  BackendDefinition,
  BackendJob,
  BackendOptions,
  ComputePrecision,
  OpenBackend,
  OpenTfjsBackend,
} from "./backend.ts";
import { withDevice } from "./devices.ts";
import { cpuBackend, wasmBackend, webgpuBackend } from "./backends/mod.ts";

/** The backends of this package: `webgpu`, `wasm` and `cpu`. */
export const BUILT_IN: readonly BackendDefinition[] = [webgpuBackend, wasmBackend, cpuBackend];

/** A backend that works, and those of higher rank that do not. */
export interface ChosenBackend<B extends OpenBackend = OpenBackend> {
  /** The backend, open in this thread. */
  readonly backend: B;
  /** Its definition, by which workers open it. */
  readonly definition: BackendDefinition;
  /** Backends of higher rank, and why they are not used. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

const NO_BACKEND = { code: "no-backend", option: "backend" } as const;

/**
 * Returns the backends that may be chosen, in the order in which they are tried: the named one, or for `auto` all with a rank
 * for the job.
 *
 * @throws {UsageError} If there is no such backend, or it has no such device.
 */
export function candidatesOf(
  name: string,
  job: BackendJob,
  { device }: BackendOptions,
  backends: readonly BackendDefinition[],
): readonly BackendDefinition[] {
  if (name === "auto") {
    const ranked = backends.filter(({ rank }) => rank[job] !== undefined);
    return withDevice(device, "auto", ranked).toSorted((a, b) => b.rank[job]! - a.rank[job]!);
  }
  const definition = backends.find((candidate) => candidate.name === name);
  if (definition === undefined) {
    const names = ["auto", ...backends.map((candidate) => candidate.name)].join(", ");
    throw new UsageError(`there is no backend "${name}"; \`backend\` can be ${names}`, NO_BACKEND);
  }
  return withDevice(device, name, [definition], backends);
}

/** Returns whether a backend supports a precision. */
export function hasPrecision(
  { precisions = ["float32"] }: Pick<BackendDefinition, "precisions">,
  precision: ComputePrecision = "float32",
): boolean {
  return precisions.includes(precision);
}

/**
 * Checks that a backend supports the job and the precision.
 *
 * @throws {UsageError} If it does not.
 */
export function checkSupport(definition: BackendDefinition, job: BackendJob, options: BackendOptions): void {
  const { name, kind, precisions = ["float32"] } = definition, { precision = "float32" } = options;
  if (kind === "graph-runtime" && job === "train") {
    throw new UsageError(
      `${name} is a graph runtime, which computes no gradients; choose another \`backend\` to train`,
      NO_BACKEND,
    );
  }
  if (hasPrecision(definition, precision)) return;
  throw new UsageError(`${name} computes in ${precisions.join(" and ")} only, not in ${precision}`, {
    code: "unsupported-precision",
    option: "precision",
  });
}

/** Opens a backend, unless it does not support the job or the precision. */
async function openFor(definition: BackendDefinition, job: BackendJob, options: BackendOptions): Promise<OpenBackend> {
  checkSupport(definition, job, options);
  return await definition.open(options);
}

/**
 * Opens the best backend that works for a job.
 *
 * @param before Backends that were tried before, and why they are not used.
 * @throws {UsageError} If none works.
 */
export async function chooseBest(
  job: BackendJob,
  options: BackendOptions,
  backends: readonly BackendDefinition[],
  before: ChosenBackend["passedOver"] = [],
): Promise<ChosenBackend> {
  const passedOver = [...before];
  for (const definition of candidatesOf("auto", job, options, backends)) {
    try {
      const backend = await openFor(definition, job, options);
      if (!backend.software) return { backend, definition, passedOver };
      passedOver.push({ name: definition.name, reason: `${backend.device} is slower than the CPU itself` });
      await backend.close();
    } catch (error) {
      passedOver.push({ name: definition.name, reason: reasonOf(error) });
    }
  }
  const { device, precision = "float32" } = options;
  const reasons = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  const where = device === undefined ? "" : ` on \`device\` ${device}`;
  const how = precision === "float32" ? "" : ` with \`precision\` ${precision}`;
  throw new UsageError(`no backend works on this machine${where}${how}: ${reasons}`, NO_BACKEND);
}

/**
 * Opens a backend by name, or the best one that works for a job.
 *
 * @param name Name of a backend, or `auto`, which passes over software adapters.
 * @param job The job; graph runtimes do not train.
 * @param backends The backends to choose from. @default {BUILT_IN}
 * @throws {UsageError} If there is no such backend, it has no such device, or it does not work on this machine or in the
 * precision.
 */
export function chooseBackend(
  name: string,
  job: "train",
  options?: BackendOptions,
  backends?: readonly BackendDefinition[],
): Promise<ChosenBackend<OpenTfjsBackend>>;
/** Opens a backend for any job. */
export function chooseBackend(
  name: string,
  job: BackendJob,
  options?: BackendOptions,
  backends?: readonly BackendDefinition[],
): Promise<ChosenBackend>;
export async function chooseBackend(
  name: string,
  job: BackendJob,
  options: BackendOptions = {},
  backends: readonly BackendDefinition[] = BUILT_IN,
): Promise<ChosenBackend> {
  if (name === "auto") return await chooseBest(job, options, backends);
  const [definition] = candidatesOf(name, job, options, backends) as [BackendDefinition];
  return { backend: await openFor(definition, job, options), definition, passedOver: [] };
}
