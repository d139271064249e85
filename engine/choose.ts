import { reasonOf, UsageError } from "@slomo/core";
import type { BackendDefinition, BackendJob, BackendOptions, OpenBackend } from "./backend.ts";
import { cpuBackend, wasmBackend, webgpuBackend } from "./backends/mod.ts";

/** The backends of this package; others are handed in. */
export const BUILT_IN: readonly BackendDefinition[] = [webgpuBackend, wasmBackend, cpuBackend];

/** A backend that works, and those that came before it and did not. */
export interface ChosenBackend {
  /** The backend that is set in this thread. */
  readonly backend: OpenBackend;
  /** How it is opened in other threads. */
  readonly definition: BackendDefinition;
  /** Better ones that were tried, and why they are not used. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

/** Opens a backend, unless it does not have what is asked for. */
async function openWith(
  definition: BackendDefinition,
  job: BackendJob,
  options: BackendOptions,
): Promise<OpenBackend> {
  const { name, isEngine, precisions = ["float32"] } = definition, { precision = "float32" } = options;
  if (isEngine && job === "train") {
    throw new UsageError(`${name} runs networks whole and gives no gradients; take another --backend to train`);
  }
  if (precisions.includes(precision)) return await definition.open(options);
  throw new UsageError(`${name} computes in ${precisions.join(" and ")} only, not in ${precision}`);
}

async function chooseBest(
  job: BackendJob,
  options: BackendOptions,
  backends: readonly BackendDefinition[],
): Promise<ChosenBackend> {
  const ranked = backends.filter(({ rank }) => rank[job] !== undefined)
    .toSorted((a, b) => b.rank[job]! - a.rank[job]!);
  const passedOver: { name: string; reason: string }[] = [];
  for (const definition of ranked) {
    try {
      const backend = await openWith(definition, job, options);
      if (!backend.software) return { backend, definition, passedOver };
      passedOver.push({ name: definition.name, reason: `${backend.device} is slower than the CPU itself` });
      await backend.close();
    } catch (error) {
      passedOver.push({ name: definition.name, reason: reasonOf(error) });
    }
  }
  const tried = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new UsageError(`no backend works here: ${tried}`);
}

/**
 * Opens a backend by its name, or the best that works for a job.
 *
 * @param name Name of a backend, or `auto`, which passes over GPUs that the CPU imitates.
 * @throws {UsageError} If there is no such backend, or it does not work here.
 */
export async function chooseBackend(
  name: string,
  job: BackendJob,
  options: BackendOptions = {},
  backends: readonly BackendDefinition[] = BUILT_IN,
): Promise<ChosenBackend> {
  if (name === "auto") return await chooseBest(job, options, backends);
  const definition = backends.find((candidate) => candidate.name === name);
  if (definition === undefined) {
    const names = ["auto", ...backends.map((candidate) => candidate.name)].join(", ");
    throw new UsageError(`there is no backend "${name}"; there are ${names}`);
  }
  return { backend: await openWith(definition, job, options), definition, passedOver: [] };
}
